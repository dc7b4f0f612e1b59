"""A node for a real ComfyUI, copied to where it looks for such: takes its time, shows previews, and fails for one seed."""

import time

import comfy.model_management
import comfy.utils
from PIL import Image


class SlowPreview:
    """Gives the picture back after some steps. Seed 666 ends as a model out of memory does."""

    RETURN_TYPES = ("IMAGE",)
    FUNCTION = "run"
    CATEGORY = "inlay/tests"

    @classmethod
    def INPUT_TYPES(cls):
        return {
            "required": {
                "image": ("IMAGE",),
                "steps": ("INT", {"default": 3, "min": 1, "max": 100_000}),
                "seconds": ("FLOAT", {"default": 0.02, "min": 0.0, "max": 10.0}),
                "seed": ("INT", {"default": 0, "min": 0, "max": 2**64 - 1}),
            }
        }

    def run(self, image, steps, seconds, seed):
        told = comfy.utils.ProgressBar(steps)
        samples = (image[0].clamp(0, 1) * 255).byte().numpy()
        preview = Image.fromarray(samples).resize((64, 48))
        for step in range(1, steps + 1):
            if seed == 666:
                raise RuntimeError("out of memory, as it happens")
            time.sleep(seconds)
            comfy.model_management.throw_exception_if_processing_interrupted()
            told.update_absolute(step, steps, ("JPEG", preview, 64))
        return (image,)


NODE_CLASS_MAPPINGS = {"SlowPreview": SlowPreview}
