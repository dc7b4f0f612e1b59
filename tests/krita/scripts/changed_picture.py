"""One of the ways by which a result comes into a picture that was changed since its edit began, and one of the changes."""

from pathlib import Path

from inlay_bridge import given, result
from inlay_bridge.inside import app, document, group_of, pump_until, save_and_reopen, select, settle

from inlay_krita import api

at = Path(given["folder"])
made = document(300, 220, "RGBA", "U16", "sRGB-elle-V2-srgbtrc.icc", given["pixels"])
select(made, given["mask"])
result["seen"] = []

CHANGES = {
    "none": lambda: None,
    "cropped": lambda: made.crop(40, 30, 240, 170),
    "cropped into what was seen": lambda: made.crop(100, 60, 120, 90),
    "on a larger canvas": lambda: made.resizeImage(-25, -15, 350, 260),
    "to 8 bit": lambda: made.setColorSpace("RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc"),
    "to linear light": lambda: made.setColorSpace("RGBA", "U16", "sRGB-elle-V2-g10.icc"),
    "mirrored": lambda: app.action("mirrorImageHorizontal").trigger(),
    "turned by 180°": lambda: made.rotateImage(3.141592653589793),
    "turned by 90°": lambda: made.rotateImage(1.5707963267948966),
    "scaled": lambda: made.scaleImage(150, 110, 300, 300, "Bilinear"),
}


def change():
    CHANGES[given["change"]]()
    made.waitForDone()
    made.refreshProjection()
    made.waitForDone()
    settle(made)


def look(name):
    made.waitForDone()
    (at / name).write_bytes(made.pixelData(0, 0, made.width(), made.height()).data())
    result["seen"].append([name, made.width(), made.height(), made.colorDepth()])


def placed(edit):
    edit.place()
    pump_until(lambda: edit.phase not in ("finished", "placing"))
    return [edit.phase, edit.message]


job = api.edit(seed=4)
if given["way"] == "it is read":
    change()
    look("before")
    pump_until(lambda: job.has_ended)
    result["said"] = [job.phase, job.message]
else:
    api.wait(job)
if given["way"] == "the job ends":
    change()
    look("before")
    result["said"] = placed(job)
elif given["way"] == "the result is offered":
    change()
    made = save_and_reopen(made, str(at / "closed.kra"))
    look("before")
    api.session().connection.check()
    pump_until(lambda: api.session().offers_of(made))
    (job,) = api.session().accept(made)
    pump_until(lambda: job.has_ended)
    result["said"] = [job.phase, job.message]
elif given["way"] == "the result is run again":
    api.place(job)
    change()
    made.setActiveNode(group_of(made))
    settle(made)
    look("before")
    job = api.edit_again()
    pump_until(lambda: job.has_ended)
    result["said"] = placed(job) if job.phase == "finished" else [job.phase, job.message]
look("after")
