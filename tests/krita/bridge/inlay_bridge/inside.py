"""What scenarios do again and again inside Krita: make documents, look at them, undo, click. Only for the tests."""

import time
from pathlib import Path

from PyQt5 import QtWidgets
from PyQt5.QtCore import QByteArray, QCoreApplication, Qt

from krita import Krita, Selection

app = Krita.instance()


def pump(seconds=0.1):
    """Lets Krita live for a while."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        QCoreApplication.processEvents()
        time.sleep(0.005)


def pump_until(is_so, timeout_s=120.0):
    """Lets Krita live until `is_so()`; raises TimeoutError."""
    end = time.monotonic() + timeout_s
    while not is_so():
        if time.monotonic() > end:
            raise TimeoutError("it did not become so")
        pump(0.02)


def document(width, height, model, depth, profile, pixels_path, view=True):
    """A document with one layer of raw samples from a file."""
    made = app.createDocument(width, height, "test", model, depth, profile, 300.0)
    assert made.colorProfile() == profile, made.colorProfile()
    if view:
        app.activeWindow().addView(made)
        pump()
    base = made.rootNode().childNodes()[0]
    base.setPixelData(QByteArray(Path(pixels_path).read_bytes()), 0, 0, width, height)
    made.refreshProjection()
    made.waitForDone()
    pump()
    return made


def select(made, mask_path):
    """Selects what a file of canvas-sized 8-bit samples says."""
    selection = Selection()
    selection.setPixelData(QByteArray(Path(mask_path).read_bytes()), 0, 0, made.width(), made.height())
    made.setSelection(selection)
    pump()


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
    made.waitForDone()
    pump(0.2)


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
    made.setModified(False)
    made.close()
    pump(0.2)


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
    app.activeWindow().addView(opened)
    pump()
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
    pump()


def panel(width=250, height=660):
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
    pump(0.2)
    for dock in (layers, ours):
        window.addDockWidget(Qt.RightDockWidgetArea, dock)
        dock.show()
    pump(0.2)
    window.resizeDocks([ours], [width], Qt.Horizontal)
    window.resizeDocks([layers, ours], [900 - height, height], Qt.Vertical)
    pump(0.2)
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

    def __getattr__(self, name):
        from inlay_krita import entry

        fields = entry.dockers[0].panel.form.fields
        return next((made for path, made in fields.items() if path.rpartition(".")[2] == name), None)


field = _Fields()
