"""The families of diffusion models. Adding one is an adapter in `diffusion/families`, a row here and a row in the table test."""

from collections.abc import Mapping

from inlay.engines.models.beside import DEPTH, REDUX
from inlay.engines.models.diffusion_family import ITSELF, DiffusionFamily, Shown
from inlay.engines.models.steering_parts import CONTROLNET, IMAGE_ENCODER, IP_ADAPTER, IP_ADAPTER_FACE, controlnet_for
from inlay.recipe import IDENTITY, LAYOUT, PRODUCT, REFERENCE, STYLE, TEXTURE, Verb
from inlay.structure import COMPOSITION, EDGES, SOFT_EDGES, STRUCTURES, TILE
from inlay.structure import DEPTH as DEPTH_MAP

PAINTS = frozenset(
    {Verb.GENERATE, Verb.FILL, Verb.ERASE, Verb.REPLACE_BACKGROUND, Verb.EXPAND, Verb.REFINE},
)
EDITS = frozenset({Verb.INSTRUCT, Verb.ERASE, Verb.REPLACE_BACKGROUND, Verb.REFINE})


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
FLUX_PAINTS = ("FluxPipeline", "FluxImg2ImgPipeline", "FluxInpaintPipeline")
IP_ADAPTERS: Mapping[str, frozenset[str]] = {
    IP_ADAPTER: frozenset({REFERENCE, PRODUCT, TEXTURE}),
    IP_ADAPTER_FACE: frozenset({IDENTITY}),
}
CONTROLNETS: Mapping[str, frozenset[str]] = {
    CONTROLNET: frozenset(STRUCTURES),
    **{controlnet_for(kind): frozenset({kind}) for kind in STRUCTURES if kind not in (SOFT_EDGES, COMPOSITION)},
    controlnet_for(SOFT_EDGES): frozenset({SOFT_EDGES, COMPOSITION}),
    controlnet_for(TILE): frozenset(),
}
"""One for all kinds, and one for each; what a composition is shows in soft edges. That for tiles holds finished drafts alone."""
_CLIP = (IMAGE_ENCODER, "the CLIP encoder of pictures that it was trained with, ViT-H or ViT-bigG")
WITH_CLIP: Mapping[str, tuple[str, str]] = {IP_ADAPTER: _CLIP, IP_ADAPTER_FACE: _CLIP}
KLEIN_SHOWS: Mapping[str, Shown] = {
    Verb.GENERATE: Shown.NOTHING,  # A model that edits keeps to what it is shown: new content must not begin with a picture.
    Verb.FILL: Shown.NOTHING,
    Verb.REPLACE_BACKGROUND: Shown.NOTHING,
    Verb.ERASE: Shown.EMPTIED,
    Verb.EXPAND: Shown.EMPTIED,
    Verb.REFINE: Shown.WHOLE,
    Verb.INSTRUCT: Shown.WHOLE,
}


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
            references=4,  # Each is a further attention in every layer.
            takes=IP_ADAPTERS,
            with_part=WITH_CLIP,
            holds=CONTROLNETS,
            is_told=False,
            weighs=True,
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
            references=4,  # Each is a further attention in every layer.
            takes={**IP_ADAPTERS, IP_ADAPTER: IP_ADAPTERS[IP_ADAPTER] | {STYLE, LAYOUT}},
            with_part=WITH_CLIP,
            holds=CONTROLNETS,
            is_told=False,
            weighs=True,
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
            takes={REDUX: frozenset({REFERENCE})},
            is_told=False,
            weighs=True,
        ),
        DiffusionFamily(
            name="flux_dev",
            title="FLUX.1 dev",
            verbs=PAINTS,
            adapter=f"{_HERE}.flux_dev:FluxDev",
            pipeline_classes=FLUX_PAINTS,
            native_px=1024 * 1024,
            least_px=384 * 384,  # As Fill.
            multiple=16,
            guidance=3.5,
            steps=28,
            negative_prompt=False,
            prompt_weighting=True,
            step_cache=True,
            references=1,  # As Fill.
            takes={REDUX: frozenset({REFERENCE})},
            is_told=False,
            weighs=True,
        ),
        DiffusionFamily(
            name="flux_schnell",
            title="FLUX.1 schnell",
            verbs=PAINTS,
            adapter=f"{_HERE}.flux_dev:FluxSchnell",
            pipeline_classes=FLUX_PAINTS,
            native_px=1024 * 1024,
            least_px=384 * 384,  # As Fill.
            multiple=16,
            guidance=0.0,
            steps=4,
            negative_prompt=False,
            prompt_weighting=True,
            references=1,  # As Fill.
            takes={REDUX: frozenset({REFERENCE})},
            is_told=False,
            weighs=True,
        ),
        DiffusionFamily(
            name="flux_canny",
            title="FLUX.1 Canny",
            verbs=RESTYLES,
            adapter=f"{_HERE}.flux_control:FluxCanny",
            pipeline_classes=("FluxControlPipeline", "FluxControlImg2ImgPipeline", "FluxControlInpaintPipeline"),
            shows=MAPS_SHOW,
            holds={ITSELF: frozenset({EDGES})},
            lora_of="flux_dev",
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
            holds={ITSELF: frozenset({DEPTH_MAP})},
            lora_of="flux_dev",
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
            references=2,  # Trained on the window alone (arXiv 2506.15742): more only dilute it.
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
            alpha=frozenset({Verb.GENERATE, Verb.FILL, Verb.INSTRUCT}),
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
            holds={CONTROLNET: frozenset(STRUCTURES)},
        ),
    )
}
