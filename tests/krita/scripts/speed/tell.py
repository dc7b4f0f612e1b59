"""Tells what was measured."""

import time

from inlay_bridge import result
from inlay_bridge.scene import entered, heart, job, made

heart.timer.stop()
result["phase"] = job.phase
result["message"] = job.message
result["window, px"] = [job.recipe.canvas.window.width, job.recipe.canvas.window.height]
result["longest stay in the plugin, ms"] = {name: round(took, 1) for name, took in entered.items()}
entered.clear()
result["longest pause of the loop, ms"] = {name: round(took, 1) for name, took in heart.longest.items()}
result["sent, bytes"] = job.uploaded_bytes


def read_a_megapixel():
    began = time.perf_counter()
    made.rootNode().projectionPixelData(0, 0, 1000, 1000).data()
    return 1000 * (time.perf_counter() - began)


result["a megapixel read, ms"] = min(read_a_megapixel() for _ in range(5))
