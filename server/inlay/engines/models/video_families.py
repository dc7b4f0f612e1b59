"""The families of models that set a picture in motion. Adding one is an adapter in `diffusion/families` and a row here."""

from collections import ChainMap
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from inlay.capabilities import Capabilities
from inlay.clip import ClipGrid
from inlay.engines.models.catalog import ModelEntry
from inlay.engines.models.diffusion_families import DIFFUSION
from inlay.engines.models.diffusion_family import DiffusionFamily
from inlay.errors import InvalidInput
from inlay.recipe import Verb

_HERE = "inlay.engines.diffusion.families"
_480P, _720P = 832 * 480, 1280 * 720


@dataclass(frozen=True, kw_only=True)
class VideoFamily(DiffusionFamily):
    """One family of image-to-video models.

    grid: how many pictures a clip of it can have, and how fast they follow. most_px: largest working area: a clip cannot be painted
    in tiles. telling: what must stand in its model_index.json, by key; a folder that says otherwise is another family's.
    """

    engine: str = "inlay.engines.diffusion.animating:engine_of"
    verbs: frozenset[str] = frozenset({Verb.ANIMATE})
    exact_vae: bool = True
    grid: ClipGrid
    most_px: int
    telling: Mapping[str, object] = field(default_factory=dict[str, object])

    def capabilities(self, name: str, compiled: bool = False) -> Capabilities:
        able = super().capabilities(name, compiled)
        return replace(able, max_px=self.most_px, accepts=frozenset(), clip=self.grid)

    def check(self, entry: ModelEntry) -> None:
        super().check(entry)
        if entry.kind != "folder":
            raise InvalidInput(f"models.{entry.id}.path", entry.path, f"{self.title} is read from a diffusers folder")

    def fits(self, index: Mapping[str, object]) -> bool:
        """Whether a folder with that model_index.json holds one of this family."""
        told = all((index.get(key) or False) == value for key, value in self.telling.items())
        return told and index.get("_class_name") in self.pipeline_classes


VIDEO: dict[str, DiffusionFamily] = {
    facts.name: facts
    for facts in (
        VideoFamily(
            name="wan",
            title="Wan (image to video)",
            adapter=f"{_HERE}.wan:Wan",
            pipeline_classes=("WanImageToVideoPipeline",),
            telling={"expand_timesteps": False},
            uses=frozenset({"image_encoder"}),
            native_px=_480P,
            least_px=_480P,  # Published for 480p and 720p alone.
            most_px=_720P,
            multiple=16,
            guidance=5.0,  # Of 2.1; for both experts of 2.2 its makers publish 3.5 (tiers in models.toml).
            steps=40,
            grid=ClipGrid(fps=16, step=4),
        ),
        VideoFamily(
            name="wan_5b",
            title="Wan 2.2 TI2V-5B",
            adapter=f"{_HERE}.wan:Wan",
            pipeline_classes=("WanPipeline", "WanImageToVideoPipeline"),
            telling={"expand_timesteps": True},
            native_px=_480P,
            least_px=_480P,
            most_px=_720P,
            multiple=32,
            guidance=5.0,
            steps=50,
            grid=ClipGrid(fps=24, step=4),
        ),
        VideoFamily(
            name="ltx",
            title="LTX-Video",
            adapter=f"{_HERE}.ltx:Ltx",
            pipeline_classes=("LTXConditionPipeline", "LTXImageToVideoPipeline", "LTXPipeline"),
            native_px=704 * 480,  # Its pipelines' own default is 704 x 512; its card names 704 x 480.
            least_px=704 * 480,
            most_px=_720P,  # "best under 720 x 1280", by its card.
            multiple=32,
            guidance=3.0,
            steps=40,
            grid=ClipGrid(fps=24, step=8),
        ),
    )
}

BY_DIFFUSERS: Mapping[str, DiffusionFamily] = ChainMap(DIFFUSION, VIDEO)
"""Every family whose models diffusers loads: those that paint pictures, and those that animate them."""


def families_of_index(index: Mapping[str, object]) -> tuple[str, ...]:
    """The families whose folders have such a model_index.json; none for a pipeline that nobody here adapts."""
    named = str(index.get("_class_name", ""))
    still = (name for name, facts in DIFFUSION.items() if named in facts.pipeline_classes)
    moving = (name for name, facts in VIDEO.items() if isinstance(facts, VideoFamily) and facts.fits(index))
    return (*still, *moving)
