"""Where a module computes, wherever its weights rest."""

from typing import Any

import torch


def execution_device(module: Any) -> torch.device:
    """The device a module computes on: offloaded ones rest on the CPU and carry the answer in a hook."""
    hook = getattr(module, "_hf_hook", None)
    device = getattr(hook, "execution_device", None)
    if device is not None:
        return torch.device(device)
    registry = getattr(module, "_diffusers_hook", None)
    if registry is not None:
        from diffusers.hooks.group_offloading import _get_group_onload_device  # pyright: ignore[reportPrivateUsage]

        try:
            return _get_group_onload_device(module)
        except ValueError:
            return module.device
    return module.device
