"""What scenarios do again and again inside Krita: make documents, look at them, undo, click. Only for the tests."""

import time
from pathlib import Path
from typing import Any

from PyQt5 import QtWidgets
from PyQt5.QtCore import QByteArray, QCoreApplication, Qt

from krita import Krita, Selection

app = Krita.instance()


def pump_until(is_so, timeout_s=120.0):
    """Lets Krita live until `is_so()`; raises TimeoutError."""
    end = time.monotonic() + timeout_s
    while not is_so():
        if time.monotonic() > end:
            raise TimeoutError("it did not become so")
        QCoreApplication.processEvents()
        time.sleep(0.005)


ROUNDS = 5


def settle(made):
    """Lets Krita live until it has nothing left to do in a document: its layers and the active one stay as they are."""
    from inlay_krita.host import composite

    seen = []

    def is_settled():
        made.waitForDone()
        if composite._running or composite._waiting:
            seen.clear()
        seen.append((made.activeNode().uniqueId().toString() if made.activeNode() else "", tree(made)))
        return len(seen) > ROUNDS and all(one == seen[-1] for one in seen[-ROUNDS:])

    pump_until(is_settled)


def show(made):
    """Puts a document in front."""
    app.activeWindow().addView(made)
    pump_until(lambda: app.activeDocument() == made)


def document(width, height, model, depth, profile, pixels_path, view=True, dpi=300.0):
    """A document with one layer of raw samples from a file."""
    made = app.createDocument(width, height, "test", model, depth, profile, dpi)
    assert made.colorProfile() == profile, made.colorProfile()
    if view:
        show(made)
    base = made.rootNode().childNodes()[0]
    base.setPixelData(QByteArray(Path(pixels_path).read_bytes()), 0, 0, width, height)
    made.refreshProjection()
    settle(made)
    return made


def select(made, mask_path):
    """Selects what a file of canvas-sized 8-bit samples says."""
    selection = Selection()
    wanted = QByteArray(Path(mask_path).read_bytes())
    selection.setPixelData(wanted, 0, 0, made.width(), made.height())
    made.setSelection(selection)
    pump_until(lambda: made.selection() and made.selection().pixelData(0, 0, made.width(), made.height()) == wanted)


def shown(made, path):
    """Writes the document's projection."""
    made.waitForDone()
    Path(path).write_bytes(made.pixelData(0, 0, made.width(), made.height()).data())


def selected(made, path):
    """Writes the selection, canvas-sized."""
    Path(path).write_bytes(made.selection().pixelData(0, 0, made.width(), made.height()).data())


def masked(made, group, path):
    """Writes a group's mask, canvas-sized."""
    mask = next(node for node in group.childNodes() if node.type() == "transparencymask")
    Path(path).write_bytes(mask.pixelData(0, 0, made.width(), made.height()).data())


def on_screen(widget):
    """The middle of a widget, in pixels of the screen."""
    point = widget.mapToGlobal(widget.rect().center())
    return [point.x(), point.y()]


def type_into(widget):
    """Gives a widget the keyboard, as a retoucher does who clicks into it."""
    widget.window().activateWindow()
    widget.setFocus()
    pump_until(lambda: QtWidgets.QApplication.focusWidget() is widget, 20)


def focused():
    """The widget that has the keyboard."""
    return QtWidgets.QApplication.focusWidget()


def undo(made):
    _trigger(made, "edit_undo")


def redo(made):
    _trigger(made, "edit_redo")


def _trigger(made, action):
    app.action(action).trigger()
    settle(made)


def group_of(made):
    """The topmost result group."""
    return [node for node in made.rootNode().childNodes() if node.type() == "grouplayer"][-1]


def tree(made):
    """Types and names, top to bottom."""
    return [
        [
            node.type(),
            node.name(),
            [[child.type(), child.name(), child.visible()] for child in reversed(node.childNodes())],
        ]
        for node in reversed(made.rootNode().childNodes())
        if node.type() != "selectionmask"
    ]


def close(made):
    """Closes without asking."""
    from inlay_krita.host import desk

    desk.settle_layer_lists()  # Else Krita falls over what a test did to the picture in the last 0.1 s.
    made.setModified(False)
    made.close()
    pump_until(lambda: made not in app.documents())


def close_all():
    """All of them; the plugin may close one of its own meanwhile."""
    for made in app.documents():
        if made in app.documents():
            close(made)


def save_and_reopen(made, path):
    """The document as it comes back from a file."""
    made.setBatchmode(True)
    assert made.saveAs(path)
    made.waitForDone()
    close(made)
    opened = app.openDocument(path)
    show(opened)
    settle(opened)
    return opened


TOKEN = "the token of all servers of these tests"


def use_server(url, token=TOKEN, certificate=""):
    """Points the plugin at a server, and forgets what was before."""
    from inlay_krita import api
    from inlay_krita.client.connect import Address
    from inlay_krita.host import options

    options.set_address(Address(url, token, certificate))
    api.session().connection.use(options.address())


def fresh_panels():
    """The panels as Krita starts with them: nothing that an earlier test typed, locked or opened."""
    from inlay_krita import api, entry
    from inlay_krita.host import options

    options.write("form", "")
    for dock in entry.dockers:
        former, dock.panel = dock.panel, type(dock.panel)(api.session())
        dock.setWidget(dock.panel)
        former.deleteLater()


def panel(width=250, height=660) -> Any:
    """The panel, docked at the right beside the layers, in a window that fills the screen."""
    from inlay_krita import entry

    window = app.activeWindow().qwindow()
    ours = entry.dockers[0]
    docks = {dock.windowTitle(): dock for dock in window.findChildren(QtWidgets.QDockWidget)}
    window.setAnimated(False)
    window.setGeometry(0, 0, 1600, 1000)
    for name in ("Brush Presets", "Advanced Color Selector", "Tool Options", "Overview", "Specific Color Selector"):
        if name in docks:
            docks[name].hide()
    layers = docks["Layers"]
    for dock in (layers, ours):
        window.removeDockWidget(dock)
    pump_until(lambda: not ours.isVisible() and not layers.isVisible())
    for dock in (layers, ours):
        window.addDockWidget(Qt.RightDockWidgetArea, dock)
        dock.show()
    pump_until(lambda: ours.panel.isVisible() and layers.isVisible())
    window.resizeDocks([ours], [width], Qt.Horizontal)
    window.resizeDocks([layers, ours], [900 - height, height], Qt.Vertical)
    sizes = []

    def keeps_its_size():
        sizes.append((ours.size(), layers.size(), ours.panel.size()))
        return len(sizes) > ROUNDS and all(one == sizes[-1] for one in sizes[-ROUNDS:])

    pump_until(keeps_its_size)
    return ours.panel


def Wish(verb="erase", **named):
    """A wish by the last parts of its fields' paths."""
    from inlay_krita import api

    return api.session().wish(verb, **named)


def show_wish(wish):
    """Fills the panel's form in; what the wish leaves out begins anew."""
    from inlay_krita import entry

    form = entry.dockers[0].panel.form
    form.restore({"verb": wish.verb, "values": {}, "history": list(form.history)})
    own = {f"panel.{name}": getattr(wish, name) for name in ("reads", "lands", "build_on")}
    for path, value in {**wish.values, **own}.items():
        if path in form.fields:
            form.fields[path].put(value)


class _Fields:
    """The panel's fields by the last parts of their paths: `field.prompt`; None where the chosen verb does not ask for it."""

    def __getattr__(self, name) -> Any:
        from inlay_krita import entry

        fields = entry.dockers[0].panel.form.fields
        return next((made for path, made in fields.items() if path.rpartition(".")[2] == name), None)


field = _Fields()
