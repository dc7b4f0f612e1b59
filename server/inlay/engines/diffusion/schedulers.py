"""Schedulers by the names that tiers use, and a fresh one for every run."""

from copy import deepcopy
from typing import Any

from inlay.errors import InvalidInput

NAMES = {
    "ddim": "DDIMScheduler",
    "euler": "EulerDiscreteScheduler",
    "euler_a": "EulerAncestralDiscreteScheduler",
    "dpmpp_2m": "DPMSolverMultistepScheduler",
    "unipc": "UniPCMultistepScheduler",
    "lcm": "LCMScheduler",
    "tcd": "TCDScheduler",
    "flow_euler": "FlowMatchEulerDiscreteScheduler",
}
TRAILING = frozenset({"EulerDiscreteScheduler", "EulerAncestralDiscreteScheduler"})
"""With few steps these must start at the noisiest one: Turbo and Lightning are trained so."""
FEW_STEPS = 10


def scheduler_like(installed: Any, name: str, steps: int = 0) -> Any:
    """A scheduler of this run's own: the model's, or the named one with the model's noise schedule.

    Raises InvalidInput for a name that is not known, or one that does not fit what the model was trained with.
    """
    if not name:
        return deepcopy(installed)
    if name not in NAMES:
        raise InvalidInput("scheduler", repr(name), f"it must be one of {', '.join(sorted(NAMES))}")
    flows = "Flow" in type(installed).__name__
    if flows != name.startswith("flow_"):
        kind = "flow matching" if flows else "noise prediction"
        raise InvalidInput("scheduler", repr(name), f"this model was trained by {kind}, which {name} cannot walk")
    import diffusers

    kind = getattr(diffusers, NAMES[name])
    extra = {"timestep_spacing": "trailing"} if 0 < steps <= FEW_STEPS and NAMES[name] in TRAILING else {}
    return kind.from_config(installed.config, **extra)
