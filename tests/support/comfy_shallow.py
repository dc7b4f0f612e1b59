"""For a real ComfyUI in tests: encoders keep their first and last layers, the others pass on what they get."""

import comfy.text_encoders.llama
import comfy.text_encoders.qwen_vl
import comfy.text_encoders.t5
import torch

NODE_CLASS_MAPPINGS = {}


class _Passes(torch.nn.Module):
    def forward(self, x, mask=None, past_bias=None, *_args, **_named):
        return x, past_bias


class _PassesOne(torch.nn.Module):
    def forward(self, x, *_args, **_named):
        return x


def _shallow(kind, name, passes=_Passes):
    made = kind.__init__

    def init(self, *args, **named):
        made(self, *args, **named)
        layers = getattr(self, name)
        for i in range(1, len(layers) - 1):
            layers[i] = passes()

    kind.__init__ = init


_shallow(comfy.text_encoders.llama.Llama2_, "layers")
_shallow(comfy.text_encoders.t5.T5Stack, "block")
_shallow(comfy.text_encoders.qwen_vl.Qwen2VLVisionTransformer, "blocks", _PassesOne)
