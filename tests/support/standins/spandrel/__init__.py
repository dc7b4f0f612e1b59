"""Stands in for spandrel (https://github.com/chaiNNer-org/spandrel) where torchvision cannot be installed.

The names, the detection by tensors, the strictness and the call are spandrel's as documented; the models paint one colour.
"""

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor

__version__ = "standing in"


class UnsupportedModelError(Exception):
    """No architecture has these tensors."""


class _Model(torch.nn.Module):
    def __init__(self, tensors: dict[str, Tensor]) -> None:
        super().__init__()
        for name, value in tensors.items():
            self.register_buffer(name.replace(".", "_"), value)


class Lama(_Model):
    """Paints the colour that its first running mean starts with."""

    name, multiple = "LaMa", 8
    signs = ("model.model.1.bn_l.running_mean", "generator.model.1.bn_l.running_mean")

    def __init__(self, tensors: dict[str, Tensor]) -> None:
        super().__init__(tensors)
        needed = "model.model.1.ffc.convl2l.weight"
        own = {name.replace("generator.model", "model.model"): value for name, value in tensors.items()}
        if needed not in own:
            raise RuntimeError(f"Error(s) in loading state_dict for LaMa:\n\tMissing key(s) in state_dict: {needed!r}.")
        self.colour = own[self.signs[0]][:3]

    def forward(self, image: Tensor, mask: Tensor) -> Tensor:
        return image * (1 - mask) + self.colour.reshape(1, 3, 1, 1) * mask


class Mat(_Model):
    """Paints a colour drawn from its latent, and drops a part of it at random; spandrel draws the latent anew at each load."""

    name, multiple = "MAT", 512
    signs = tuple(f"{prefix}synthesis.first_stage.conv_first.conv.resample_filter" for prefix in ("", "model."))

    def __init__(self, tensors: dict[str, Tensor]) -> None:
        super().__init__(tensors)
        self.z = torch.randn(1, 512).double()

    def forward(self, image: Tensor, mask: Tensor) -> Tensor:
        colour = torch.sigmoid(self.z[0, :3].to(torch.float32)).reshape(1, 3, 1, 1)
        dropped = torch.nn.functional.dropout(torch.full_like(image, 0.9), 0.05, training=True)
        return image * (1 - mask) + colour * dropped * mask


class Upscaler(_Model):
    """Something that spandrel loads and that mends nothing; it repeats pixels, and darkens the border of what it is shown."""

    name, multiple, scale = "ESRGAN", 1, 4
    signs = ("conv_first.weight",)

    def forward(self, image: Tensor) -> Tensor:
        larger = image.repeat_interleave(self.scale, 2).repeat_interleave(self.scale, 3).clone()
        for edge in (larger[..., :4, :], larger[..., -4:, :], larger[..., :4], larger[..., -4:]):
            edge.mul_(0.5)
        return larger


class _Descriptor:
    def __init__(self, model: Any) -> None:
        self.model = model
        self.architecture = type(model)

    def eval(self) -> "_Descriptor":
        self.model.eval()
        return self


class ImageModelDescriptor(_Descriptor):
    """A model that sees a picture alone."""

    @property
    def scale(self) -> int:
        return self.model.scale

    def __call__(self, image: Tensor) -> Tensor:
        assert not self.model.training
        assert 0 <= image.min() <= image.max() <= 1
        return self.model(image)


class MaskedImageModelDescriptor(_Descriptor):
    """A model that sees a picture and a mask."""

    def __call__(self, image: Tensor, mask: Tensor) -> Tensor:
        if image.ndim != 4 or mask.shape != (1, 1, *image.shape[2:]):
            raise ValueError(f"Expected mask shape to be (1, 1, H, W) of {image.shape}, but got {mask.shape}")
        assert not self.model.training
        assert 0 <= image.min() <= image.max() <= 1
        assert set(mask.unique().tolist()) <= {0, 1}
        return self.model(image, mask).clamp(0, 1)


ARCHITECTURES: list[Any] = [Lama, Upscaler]


class ModelLoader:
    """From a file to a descriptor."""

    def __init__(self, device: str = "cpu") -> None:
        self.device = device

    def load_from_file(self, path: str | Path) -> _Descriptor:
        if Path(path).suffix != ".safetensors":
            raise ValueError(f"Unsupported model file extension {Path(path).suffix}.")
        tensors = load_file(path, device=self.device)
        for wrapper in ("module.", "netG."):
            if all(name.startswith(wrapper) for name in tensors):
                tensors = {name.removeprefix(wrapper): value for name, value in tensors.items()}
        for kind in ARCHITECTURES:
            if set(kind.signs) & set(tensors):
                return (ImageModelDescriptor if kind is Upscaler else MaskedImageModelDescriptor)(kind(tensors))
        raise UnsupportedModelError
