"""Begins a picture that a brush paints in."""

from pathlib import Path

from inlay_bridge import given, result
from inlay_bridge.inside import Wish, app, document, pump_until, select
from PyQt5.QtWidgets import QApplication

from inlay_krita import api
from krita import ManagedColor

folder = given["folder"]
pixels = given["pixels"]
canvases = given["canvases"]
mask = given["mask"]

at = Path(folder)
app.activeWindow().qwindow().setGeometry(0, 0, 1600, 1000)
pump_until(lambda: app.activeWindow().qwindow().width() == 1600)
made = document(800, 600, "RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc", pixels)
app.action("KritaShape/KisToolBrush").trigger()
black = ManagedColor("RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc")
black.setComponents([0.0, 0.0, 0.0, 1.0])
app.activeWindow().activeView().setForeGroundColor(black)
pump_until(lambda: any(w.isVisible() for w in QApplication.allWidgets() if w.metaObject().className() in canvases))
canvas = [w for w in QApplication.allWidgets() if w.metaObject().className() in canvases and w.isVisible()][-1]
low = canvas.mapToGlobal(canvas.rect().center())
result["row"] = low.y() + 200
result["columns"] = [low.x() - 250, low.x() + 250]
background = made.rootNode().childNodes()[0]


def begin():
    global job
    select(made, mask)
    job = api.session().run(Wish(verb="erase", seed=3))
    made.setSelection(None)
