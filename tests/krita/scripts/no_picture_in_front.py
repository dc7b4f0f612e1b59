"""An edit is on its way while Krita has no picture in front for a moment; its row in the panel is clicked in that moment."""

from inlay_bridge import given, result
from inlay_bridge.inside import Wish, document, panel, pump_until, select
from PyQt5.QtCore import Qt
from PyQt5.QtTest import QTest

from inlay_krita.host import desk

shown_panel = panel()
made = document(300, 220, "RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc", given["pixels"])
select(made, given["mask"])
edit = shown_panel.session.run(Wish(count=16, tier="final", seed=1))
pump_until(lambda: shown_panel.progress.rows)
(row,) = shown_panel.progress.rows.values()
pump_until(row.isVisible)


class Bare:
    """Krita while views come and go."""

    @staticmethod
    def instance():
        return Bare

    @staticmethod
    def activeDocument():
        return None


QTest.mousePress(row.close_button, Qt.LeftButton)
krita, desk.Krita = desk.Krita, Bare
shown_panel.look()
shown_panel.refresh()
result["same rows"] = list(shown_panel.progress.rows.values()) == [row] and row.isVisible()
QTest.mouseRelease(row.close_button, Qt.LeftButton)
desk.Krita = krita
pump_until(lambda: edit.has_ended, 20)
result["phase"] = edit.phase
