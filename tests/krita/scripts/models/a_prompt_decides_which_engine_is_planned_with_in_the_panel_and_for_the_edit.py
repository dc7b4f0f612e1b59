"""A prompt decides which engine is planned with in the panel and for the edit."""

import json

from inlay_bridge import given, result
from inlay_bridge.inside import document, field, panel, pump_until, select
from PyQt5.QtTest import QTest

from inlay_krita import api

pixels = given["pixels"]
mask = given["mask"]
prompt = given["prompt"]

made = document(320, 240, "RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc", pixels)
select(made, mask)
shown_panel = panel()
form = shown_panel.form
form.verb.setCurrentText("Fill")
planning = shown_panel.planning
pump_until(lambda: planning.plan)
result["without words"] = planning.plan.model
QTest.keyClicks(field.prompt, prompt)
pump_until(lambda: planning.plan and planning.plan.model != result["without words"])
result["with words"] = planning.plan.model
result["said"] = shown_panel.hud.text()
field.prompt.clear()
pump_until(lambda: planning.plan and planning.plan.model == result["without words"])

line, plans = api.session().connection.line, []
ask = line.call


async def listening(request, timeout_s=60.0):
    answer = await ask(request, timeout_s)
    if request.DESCRIPTOR.name == "PlanEditRequest":
        plans.append([request.prompted, answer.model])
    return answer


line.call = listening
try:
    for words in ("", prompt):
        job = api.edit(verb="fill", prompt=words, tier="draft")
        api.wait(job)
        result.setdefault("painted by", []).append(json.loads(job.candidates[0].memory.receipt_json)["engine"])
finally:
    del line.call
result["planned with"] = plans
form.verb.setCurrentText("Erase")
