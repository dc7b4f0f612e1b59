"""What is said of an edit of a small picture."""

from inlay_bridge.inside import app, settle, show

from inlay_krita import api
from krita import Selection


def picture(depth="U8", values=None):
    made = app.createDocument(160, 120, "test", "RGBA", depth, "", 300.0)
    show(made)
    if values:
        made.topLevelNodes()[0].setPixelData(values, 0, 0, 160, 120)
        made.refreshProjection()
    selection = Selection()
    selection.select(50, 40, 30, 20, 255)
    made.setSelection(selection)
    settle(made)
    return made


def told(**wish):
    try:
        job = api.edit(**wish)
        api.wait(job)
        api.place(job)
        return job.message
    except api.CannotEdit as reason:
        return str(reason)
