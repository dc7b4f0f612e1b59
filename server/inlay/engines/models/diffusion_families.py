"""The families of diffusion models. Adding one is an adapter in `diffusion/families`, a row here and a row in the table test."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from inlay.capabilities import Capabilities, Kind
from inlay.engines.models.assembly import assembly_of, is_part
from inlay.engines.models.beside import DEPTH, REDUX
from inlay.engines.models.catalog import ModelEntry
from inlay.engines.models.family import Family
from inlay.errors import InvalidInput
from inlay.recipe import DRAFT, REFERENCE, Verb

LARGEST_PX = 8_388_608
"""Largest working area any family is asked for: beyond it the host memory of a studio machine is the limit."""

TILED_AREA = 16
"""A window may be this many times a family's native area; it is painted at native size, then refined in tiles."""

BUCKET_PX = 128
"""Compiled models paint at sides that are multiples of this: their programs are tuned for few, round shapes."""

PAINTS = frozenset(
    {Verb.GENERATE, Verb.FILL, Verb.ERASE, Verb.REPLACE_BACKGROUND, Verb.EXPAND, Verb.REFINE},
)
EDITS = frozenset({Verb.INSTRUCT, Verb.ERASE, Verb.REPLACE_BACKGROUND, Verb.REFINE})


class Shown(enum.StrEnum):
    """Which picture goes along with a verb, for families that look at one beside what they paint on."""

    WHOLE = "whole"
    """The window as it is."""
    EMPTIED = "emptied"
    """The window with its surroundings continued wherever the mask is open: never what shall go."""
    HIDDEN = "hidden"
    """The window with middle grey wherever the mask is open, for families that were trained on that: never what shall go."""
    MAP = "map"
    """Where the window's edges are, or how near its parts: what the adapter makes of the window as it is (`Adapter.map_of`)."""
    NOTHING = "nothing"
    """None; the surroundings are known from what is painted on, and half the work is saved."""


EDITORS_SHOW: Mapping[str, Shown] = {
    Verb.INSTRUCT: Shown.WHOLE,
    Verb.REFINE: Shown.WHOLE,
    Verb.ERASE: Shown.EMPTIED,
    Verb.REPLACE_BACKGROUND: Shown.EMPTIED,
}
FIBO_SHOWS: Mapping[str, Shown] = {
    verb: Shown.HIDDEN if shown is Shown.EMPTIED else shown for verb, shown in EDITORS_SHOW.items()
}
RESTYLES = frozenset({Verb.REFINE})
"""Of models that paint anew what a map of the whole window has the shape of: it would tell them what shall go."""
MAPS_SHOW: Mapping[str, Shown] = {Verb.REFINE: Shown.MAP}
KLEIN_SHOWS: Mapping[str, Shown] = {
    Verb.GENERATE: Shown.NOTHING,  # A model that edits keeps to what it is shown: new content must not begin with a picture.
    Verb.FILL: Shown.NOTHING,
    Verb.REPLACE_BACKGROUND: Shown.NOTHING,
    Verb.ERASE: Shown.EMPTIED,
    Verb.EXPAND: Shown.EMPTIED,
    Verb.REFINE: Shown.WHOLE,
    Verb.INSTRUCT: Shown.WHOLE,
}


@dataclass(frozen=True, kw_only=True)
class DiffusionFamily(Family):
    """One family: what it can do, and where its adapter is.

    native_px: working area in pixels it was trained at. multiple: both sides must be multiples of it.
    least_px: smallest working area at which it still paints well, by what its makers publish (a comment at each row; without
        weights nothing of it could be measured here). Between the two the cost of a window follows its pixels.
    guidance: classifier-free or distilled guidance when a tier names none. steps: likewise.
    prompt_weighting: `(word)1.3`, blends and prompts beyond the encoder's length are understood.
    soft_mask: values between 0 and 1 decide how far pixels may change. pipeline_classes: as in model_index.json.
    step_cache: steps that change little can be skipped; UNets have no such cache, and diffusers' is broken for FLUX.2.
    shows: for families that look at a picture of the window, which one, verb by verb; empty for all others.
    references: how many pictures of the retoucher's own (inputs of the role `reference`) may go along; with `references_by` only
        where that part lies beside the model.
    needs: parts that have to lie beside the model, each with what to look for.
    """

    kind: Kind = Kind.PAINTS
    engine: str = "inlay.engines.diffusion.engine:engine_of"
    resolves: str = "inlay.engines.models.tiers:resolved"
    libraries: tuple[str, ...] = ("torch", "diffusers", "transformers", "safetensors", "accelerate", "compel")
    install: str = "'.[diffusion]'"
    adapter: str  # module:class, imported only inside a worker
    pipeline_classes: tuple[str, ...]
    native_px: int
    least_px: int
    multiple: int
    guidance: float
    steps: int
    prompt_weighting: bool = False
    negative_prompt: bool = True
    soft_mask: bool = True
    step_cache: bool = False
    shows: Mapping[str, Shown] = field(default_factory=dict[str, Shown])
    references: int = 0
    references_by: str = ""
    needs: Mapping[str, str] = field(default_factory=dict[str, str])

    def references_of(self, entry: ModelEntry) -> int:
        """How many references a model of the user's looks at."""
        return self.references if self.references_by in ("", *dict(entry.parts)) else 0

    def capabilities_of(self, entry: ModelEntry) -> Capabilities:
        able = super().capabilities_of(entry)
        return able if self.references_of(entry) else replace(able, accepts=able.accepts - {REFERENCE})

    def check(self, entry: ModelEntry) -> None:
        where, here = f"models.{entry.id}.parts", dict(entry.parts)
        for name, wanted in self.needs.items():
            if name not in here:
                raise InvalidInput(f"{where}.{name}", "missing", f"{self.title} needs it: {wanted}; give --part FOLDER")
        for name, place in here.items():
            if name not in (*self.needs, self.references_by) and not (is_part(name) and entry.kind == "file"):
                raise InvalidInput(f"{where}.{name}", place, f"{self.title} has no use for it")
            if not Path(place).exists():
                told = assembly.wanted.get(name, "") if (assembly := assembly_of(self.name, here)) else ""
                raise InvalidInput(f"{where}.{name}", place, f"it is not there; bring it back{told and f', or {told}'}")

    def capabilities(self, name: str, compiled: bool = False) -> Capabilities:
        """What an engine called `name` of this family can do. compiled: its working sides come in coarse steps."""
        return Capabilities(
            name=name,
            kind=self.kind,
            verbs=self.verbs,
            understands_prompts=True,
            multiple=max(self.multiple, BUCKET_PX) if compiled else self.multiple,
            native_px=self.native_px,
            least_px=self.least_px,
            max_px=min(self.native_px * TILED_AREA, LARGEST_PX),
            accepts=frozenset({DRAFT, REFERENCE} if self.references else {DRAFT}),
            wants_card=True,
            description=self.title,
        )


_HERE = "inlay.engines.diffusion.families"

DIFFUSION: dict[str, DiffusionFamily] = {
    facts.name: facts
    for facts in (
        DiffusionFamily(
            name="sd15",
            title="Stable Diffusion 1.5",
            verbs=PAINTS,
            adapter=f"{_HERE}.sd15:StableDiffusion15",
            pipeline_classes=(
                "StableDiffusionPipeline",
                "StableDiffusionImg2ImgPipeline",
                "StableDiffusionInpaintPipeline",
            ),
            native_px=512 * 512,
            least_px=384 * 384,  # Ends its training at 512 px alone: far below that subjects repeat and are cut.
            multiple=8,
            guidance=7.0,
            steps=30,
            prompt_weighting=True,
        ),
        DiffusionFamily(
            name="sdxl",
            title="Stable Diffusion XL",
            verbs=PAINTS,
            adapter=f"{_HERE}.sdxl:StableDiffusionXL",
            pipeline_classes=(
                "StableDiffusionXLPipeline",
                "StableDiffusionXLImg2ImgPipeline",
                "StableDiffusionXLInpaintPipeline",
            ),
            native_px=1024 * 1024,
            least_px=512
            * 512,  # Trained at 256, 512, then 1024 px, told the size (arXiv 2307.01952); below 512 diffusers warns.
            multiple=8,
            guidance=6.0,
            steps=30,
            prompt_weighting=True,
        ),
        DiffusionFamily(
            name="flux_fill",
            title="FLUX.1 Fill",
            verbs=PAINTS,
            adapter=f"{_HERE}.flux_fill:FluxFill",
            pipeline_classes=("FluxFillPipeline",),
            native_px=1024 * 1024,
            least_px=384 * 384,  # FLUX.1 is published for 0.1 to 2 megapixels.
            multiple=16,
            guidance=30.0,
            steps=28,
            negative_prompt=False,
            prompt_weighting=True,
            step_cache=True,
            references=1,  # Redux was trained on one.
            references_by=REDUX,
        ),
        DiffusionFamily(
            name="flux_canny",
            title="FLUX.1 Canny",
            verbs=RESTYLES,
            adapter=f"{_HERE}.flux_control:FluxCanny",
            pipeline_classes=("FluxControlPipeline", "FluxControlImg2ImgPipeline", "FluxControlInpaintPipeline"),
            shows=MAPS_SHOW,
            native_px=1024 * 1024,
            least_px=384 * 384,  # As Fill.
            multiple=16,
            guidance=30.0,
            steps=50,
            negative_prompt=False,
            prompt_weighting=True,
            step_cache=True,
        ),
        DiffusionFamily(
            name="flux_depth",
            title="FLUX.1 Depth",
            verbs=RESTYLES,
            adapter=f"{_HERE}.flux_control:FluxDepth",
            pipeline_classes=("FluxControlPipeline", "FluxControlImg2ImgPipeline", "FluxControlInpaintPipeline"),
            shows=MAPS_SHOW,
            needs={DEPTH: "a folder of DepthAnything such as depth-anything/Depth-Anything-V2-Small-hf"},
            native_px=1024 * 1024,
            least_px=384 * 384,  # As Fill.
            multiple=16,
            guidance=10.0,
            steps=30,
            negative_prompt=False,
            prompt_weighting=True,
            step_cache=True,
        ),
        DiffusionFamily(
            name="flux_kontext",
            title="FLUX.1 Kontext",
            verbs=EDITS,
            adapter=f"{_HERE}.flux_kontext:FluxKontext",
            pipeline_classes=("FluxKontextPipeline", "FluxKontextInpaintPipeline"),
            shows=EDITORS_SHOW,
            native_px=1024 * 1024,
            least_px=1024 * 1024,  # Its pipeline brings every picture to a megapixel, the only area it was trained at.
            multiple=16,
            guidance=2.5,
            steps=28,
            negative_prompt=False,
            prompt_weighting=True,
            step_cache=True,
        ),
        DiffusionFamily(
            name="flux2_klein",
            title="FLUX.2 klein",
            verbs=PAINTS | EDITS,
            adapter=f"{_HERE}.flux2_klein:Flux2Klein",
            pipeline_classes=("Flux2KleinPipeline", "Flux2KleinInpaintPipeline"),
            shows=KLEIN_SHOWS,
            references=3,
            native_px=1024 * 1024,
            least_px=512
            * 512,  # Published for any size to 4 megapixels; with 16 px a token, fewer tokens hold no scene.
            multiple=16,
            guidance=4.0,
            steps=4,
        ),
        DiffusionFamily(
            name="flux2_dev",
            title="FLUX.2 dev",
            verbs=PAINTS | EDITS,
            adapter=f"{_HERE}.flux2_dev:Flux2Dev",
            pipeline_classes=("Flux2Pipeline",),
            shows=KLEIN_SHOWS,
            references=4,  # Each takes as many tokens as a megapixel that is painted.
            native_px=1024 * 1024,
            least_px=512 * 512,  # As klein.
            multiple=16,
            guidance=4.0,
            steps=28,
            negative_prompt=False,
        ),
        DiffusionFamily(
            name="qwen_image",
            title="Qwen-Image",
            verbs=PAINTS,
            adapter=f"{_HERE}.qwen_image:QwenImage",
            pipeline_classes=("QwenImagePipeline", "QwenImageImg2ImgPipeline", "QwenImageInpaintPipeline"),
            native_px=1328 * 1328,
            least_px=640 * 640,  # Trained at 256, 640, then 1328 px (arXiv 2508.02324).
            multiple=16,
            guidance=4.0,
            steps=30,
            step_cache=True,
        ),
        DiffusionFamily(
            name="qwen_image_edit",
            title="Qwen-Image-Edit",
            verbs=EDITS,
            adapter=f"{_HERE}.qwen_image_edit:QwenImageEdit",
            pipeline_classes=("QwenImageEditPipeline", "QwenImageEditInpaintPipeline", "QwenImageEditPlusPipeline"),
            shows=EDITORS_SHOW,
            references=2,  # Edit Plus was trained on one to three pictures, the window among them.
            native_px=1024 * 1024,
            least_px=1024 * 1024,  # As Kontext.
            multiple=16,
            guidance=4.0,
            steps=30,
            step_cache=True,
        ),
        DiffusionFamily(
            name="qwen_image_21",
            title="Qwen-Image-2.1",
            verbs=PAINTS | EDITS,
            adapter=f"{_HERE}.qwen_image_21:QwenImage21",
            pipeline_classes=("QwenImage21Pipeline",),
            shows=KLEIN_SHOWS,
            references=2,  # As Edit Plus; its pipeline itself sets no limit.
            native_px=1024 * 1024,
            least_px=512 * 512,  # With 16 px a token, fewer tokens hold no scene.
            multiple=32,
            guidance=4.0,
            steps=30,
        ),
        DiffusionFamily(
            name="longcat_edit",
            title="LongCat-Image-Edit",
            verbs=EDITS,
            adapter=f"{_HERE}.longcat_edit:LongCatEdit",
            pipeline_classes=("LongCatImageEditPipeline",),
            shows=EDITORS_SHOW,
            native_px=1024 * 1024,
            least_px=1024 * 1024,  # As Kontext.
            multiple=16,
            guidance=4.5,
            steps=30,
        ),
        DiffusionFamily(
            name="fibo_edit",
            title="FIBO-Edit",
            verbs=EDITS,
            adapter=f"{_HERE}.fibo_edit:FiboEdit",
            pipeline_classes=("BriaFiboEditPipeline",),
            shows=FIBO_SHOWS,
            native_px=1024 * 1024,
            least_px=1024 * 1024,  # Its pipeline brings every picture to a megapixel.
            multiple=32,
            guidance=5.0,
            steps=30,
        ),
        DiffusionFamily(
            name="z_image",
            title="Z-Image",
            verbs=PAINTS,
            adapter=f"{_HERE}.z_image:ZImage",
            pipeline_classes=("ZImagePipeline", "ZImageImg2ImgPipeline", "ZImageInpaintPipeline"),
            native_px=1024 * 1024,
            least_px=512 * 512,  # Published for 512 to 2048 px.
            multiple=16,
            guidance=0.0,
            steps=8,
        ),
    )
}


def families_of(pipeline_class: str) -> tuple[str, ...]:
    """The families whose folders name `pipeline_class` in model_index.json; none for a pipeline that nobody here adapts."""
    return tuple(facts.name for facts in DIFFUSION.values() if pipeline_class in facts.pipeline_classes)
