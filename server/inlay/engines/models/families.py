"""Every family of models that Inlay knows, in one table."""

from collections.abc import Mapping

from inlay.engines.models.describer_families import DESCRIBERS
from inlay.engines.models.diffusion_families import DIFFUSION
from inlay.engines.models.eraser_families import ERASERS
from inlay.engines.models.eye_families import EYES
from inlay.engines.models.family import Family
from inlay.engines.models.remote_families import REMOTE_FAMILIES
from inlay.engines.models.segmenter_families import SEGMENTERS
from inlay.engines.models.upscaler_families import UPSCALERS
from inlay.engines.models.video_families import VIDEO
from inlay.errors import InvalidInput

FAMILIES: Mapping[str, Family] = {
    **DIFFUSION,
    **VIDEO,
    **ERASERS,
    **UPSCALERS,
    **SEGMENTERS,
    **DESCRIBERS,
    **EYES,
    **REMOTE_FAMILIES,
}
"""By the name that `models.toml` uses."""


def family_named(name: str, field: str) -> Family:
    """The family of that name. Raises InvalidInput naming `field` where there is none."""
    if name not in FAMILIES:
        raise InvalidInput(field, name, f"it must be one of {', '.join(FAMILIES)}")
    return FAMILIES[name]
