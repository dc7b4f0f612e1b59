"""The same edit of a picture as it is, and of one whose active layer Krita isolates."""

from inlay_bridge import result
from inlay_bridge.inside import app, pump_until, settle, show

from inlay_krita import api
from krita import Selection


def picture():
    made = app.createDocument(160, 120, "test", "RGBA", "U8", "", 300.0)
    show(made)
    made.topLevelNodes()[0].setPixelData(bytes([40, 80, 120, 255]) * (160 * 120), 0, 0, 160, 120)
    top = made.createNode("speck over a stripe", "paintlayer")
    top.setPixelData(bytes([90, 180, 60, 255]) * (160 * 60), 0, 30, 160, 60)
    top.setPixelData(bytes([0, 0, 255, 255]) * (10 * 8), 60, 46, 10, 8)
    made.rootNode().addChildNode(top, None)
    selection = Selection()
    selection.select(50, 40, 30, 20, 255)
    made.setSelection(selection)
    made.refreshProjection()
    made.waitForDone()
    settle(made)
    made.setActiveNode(made.topLevelNodes()[0])
    settle(made)
    return made


def isolate(made):
    app.action("isolate_active_layer").trigger()
    made.waitForDone()
    pump_until(lambda: made.pixelData(60, 46, 1, 1) != made.rootNode().projectionPixelData(60, 46, 1, 1), 20)


def erase():
    job = api.edit(verb="erase", seed=7)
    api.wait(job)
    api.place(job)
    return job.message


def composite(made):
    made.refreshProjection()
    made.waitForDone()
    return made.rootNode().projectionPixelData(0, 0, 160, 120).data().hex()


whole = picture()
result["said"] = [erase()]
result["whole"] = composite(whole)
isolated = picture()
isolate(isolated)
result["said"].append(erase())
result["isolated"] = composite(isolated)
app.action("isolate_active_layer").trigger()
isolated.waitForDone()
pump_until(lambda: isolated.pixelData(60, 46, 1, 1) == isolated.rootNode().projectionPixelData(60, 46, 1, 1), 20)
result["left isolated"] = app.action("isolate_active_layer").isChecked()
