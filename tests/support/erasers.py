"""Files of erasers with the tensor names that real ones have, and where spandrel's stand-in lies."""

from pathlib import Path

import torch
from safetensors.torch import save_file

STANDINS = Path(__file__).parent / "standins"
"""To be put in front of a process's search path: spandrel, spandrel_extra_arches and torchvision."""


def save_lama(path: Path, colour: tuple[float, float, float] = (0.9, 0.1, 0.1), prefix: str = "model.") -> Path:
    """The first layer of a LaMa; it paints `colour` where spandrel's stand-in runs it."""
    mean = torch.zeros(64)
    mean[:3] = torch.tensor(colour)
    tensors = {
        "model.1.ffc.convl2l.weight": torch.zeros(64, 4, 7, 7),
        "model.1.bn_l.weight": torch.ones(64),
        "model.1.bn_l.bias": torch.zeros(64),
        "model.1.bn_l.running_mean": mean,
        "model.1.bn_l.running_var": torch.ones(64),
        "model.1.bn_l.num_batches_tracked": torch.tensor(0),
    }
    save_file({prefix + name: value for name, value in tensors.items()}, path)
    return path


def save_mat(path: Path, prefix: str = "") -> Path:
    """The first layer of a MAT."""
    layer = f"{prefix}synthesis.first_stage.conv_first.conv"
    taps = torch.tensor([1.0, 3.0, 3.0, 1.0]) / 8
    tensors = {
        "weight": torch.zeros(180, 4, 3, 3),
        "bias": torch.zeros(180),
        "resample_filter": torch.outer(taps, taps),
    }
    save_file({f"{layer}.{name}": value for name, value in tensors.items()}, path)
    return path
