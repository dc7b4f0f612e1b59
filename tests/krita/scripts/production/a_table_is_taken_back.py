"""A table is taken back as soon as its second cell is at work."""

from inlay_bridge import given, result
from inlay_bridge.inside import Wish, app, document, pump_until, select, settle

from inlay_krita import api
from inlay_krita.client.messages import inlay_pb2, job_pb2
from inlay_krita.client.tasks import Task
from inlay_krita.host import place, scratch

made = document(300, 220, "RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc", given["pixels"])
select(made, given["mask"])
wish = Wish("recolor", target_color="#AA2222")
wish.values["sampling.seed"] = 5
edit = api.session().run(wish, places_itself=False)
api.place(api.wait(edit))
settle(made)
work = api.production.Table(api.session(), made, "words.target_color", ["#112233", "#445566"], ["", "square"])
work.cells.pop()
work.changed.connect(lambda: work.cancel() if work.cells[1].state == "working" else None)
task = work.start()
pump_until(lambda: work.is_over)
pump_until(lambda: not api.session().edits)
settle(made)
result["states"] = [cell.state for cell in work.cells]
(group,) = place.results_of(made)
result["names"] = [layer.name() for layer in place.variations_of(made, group)]
result["documents"] = len([one for one in app.documents() if not scratch.is_hidden(one)])
result["on their way"] = len(api.session().edits)
jobs = Task(api.session().connection.line.call(inlay_pb2.ListJobsRequest(limit=50)))
pump_until(lambda: jobs.done())
ended = (job_pb2.JOB_STATE_DONE, job_pb2.JOB_STATE_FAILED, job_pb2.JOB_STATE_CANCELLED)
result["at the server"] = [job.title for job in jobs.result().jobs if job.state not in ended]
