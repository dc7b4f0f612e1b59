"""What was done is kept for its signature: saved with one of two variations shown, opened again, saved with the group hidden."""

from inlay_bridge import result
from inlay_bridge.inside import group_of, save_and_reopen, settle
from inlay_bridge.scene import at, made

from inlay_krita import api

job = api.edit(count=2, seed=5)
api.wait(job)
api.place(job)
settle(made)
opened = save_and_reopen(made, str(at / "signed.kra"))
result["kept"] = bytes(opened.annotation("inlay/provenance")).decode()
group = group_of(opened)
result["layers"] = {child.name(): child.uniqueId().toString() for child in group.childNodes()}
group.setVisible(False)
settle(opened)
opened.setBatchmode(True)
assert opened.saveAs(str(at / "hidden.kra"))
opened.waitForDone()
