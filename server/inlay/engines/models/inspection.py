"""Everything that the headers of a model's files tell, in one answer: what it is, how it is stored, and what it lacks."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from inlay.engines.models.detect import PREFIXES, Shapes, detect, families_of_folder, told_apart
from inlay.engines.models.diffusion_families import DIFFUSION
from inlay.engines.models.files import readable
from inlay.engines.models.foreign_layouts import foreign_part
from inlay.engines.models.header import TOKENIZER_CUTS, TOKENIZER_MODEL, Header, header_of, headers_of
from inlay.engines.models.layouts import Layout, layout_of
from inlay.engines.models.pieces import TEKKEN, Piece, needed_by, piece_of
from inlay.engines.models.skeleton import skeleton
from inlay.engines.models.transformers_folder import family_in
from inlay.errors import InvalidInput

Role = Literal["folder", "checkpoint", "denoiser", "eraser", "segmenter", "describer", "text_encoder", "vae", "lora"]

_LORA = re.compile(
    r"[._](lora_(A|B|up|down)|lora\.(up|down)|lora_linear_layer|hada_w1_a|lokr_w[12](_[ab])?|oft_diag)([._]|$)"
)
_SEES_MAPS = ("img_in.lora_A.weight", "double_blocks.0.img_attn.norm.key_norm.scale")
"""Of the LoRAs of FLUX.1 Canny and Depth alone: they change the first layer, and bring norms."""
DENOISERS = ("unet", "transformer")


@dataclass(frozen=True)
class Inspected:
    """What a file or folder is.

    role: folder: a whole diffusers model; checkpoint: a whole one in a file; denoiser: the part that paints, alone; the others
    are parts that go beside one. families: for folder, checkpoint, denoiser, eraser, segmenter and describer those that it
    fits; more than one where somebody has to say which (`--family`). piece: for text_encoder and vae which. layout: how its
    weights are stored; of a folder that of the denoiser. lacks: what has to be found beside it before it can paint.
    lacks_tokenizer: words need a diffusers folder of the family beside it (`--base`) even then. tokenizer: the one that an
    encoder's file carries, by its name in `assembly.TOKENIZERS`.
    """

    path: Path
    role: Role
    families: tuple[str, ...]
    layout: Layout
    piece: Piece | None = None
    lacks: tuple[Piece, ...] = ()
    lacks_tokenizer: bool = False
    tokenizer: str = ""


def inspect(path: Path) -> Inspected:
    """What lies at `path`: a .safetensors or .gguf file, or a diffusers folder. Reads headers only.

    Raises InvalidInput, with the reason, for a damaged file, a pickle, a layout that is not read here, and what is of no family.
    """
    return _folder(path) if path.is_dir() else _file(header_of(*readable(path)))


def _folder(place: Path) -> Inspected:
    files = readable(place)
    if family := family_in(place):
        weights = [file for file in files if file.suffix == ".safetensors"]
        role = "describer" if family == "describer" else "segmenter"
        return Inspected(place, role, (family,), layout_of(headers_of(place, weights)))
    families = told_apart(families_of_folder(place), place)
    part = next((place / name for name in DENOISERS if (place / name).is_dir()), None)
    if part is None:
        raise InvalidInput("path", place, "it must hold a unet or a transformer")
    if limit := foreign_part(place):
        raise InvalidInput("path", place, limit)
    return Inspected(place, "folder", families, layout_of(headers_of(part, sorted(part.glob("*.safetensors")))))


def _file(header: Header) -> Inspected:
    layout = layout_of(header)
    shapes = header.shapes
    if any(_LORA.search(name) for name in shapes):
        return Inspected(header.path, "lora", (), layout)
    if piece := piece_of(shapes):
        carried = _carried(header)
        if piece.name == "mistral_small_3" and carried != "tekken":
            limit = f"it must carry its tokenizer, {TEKKEN}, as mistral_3_small_flux2_bf16.safetensors does"
            raise InvalidInput("path", header.path, limit)
        return Inspected(header.path, piece.role, (), layout, piece, tokenizer=carried)
    found = detect(shapes, header.path)
    found = found._replace(families=told_apart(found.families, header.path, header.metadata))
    family = found.families[0]
    if family not in DIFFUSION:
        return Inspected(header.path, "eraser", found.families, layout)
    if found.whole and skeleton(family):
        return Inspected(header.path, "checkpoint", found.families, layout)
    own = _bare(shapes)
    return Inspected(
        header.path,
        "denoiser",
        found.families,
        layout,
        lacks=needed_by(family, own),
        lacks_tokenizer=True,
    )


def _carried(header: Header) -> str:
    """The tokenizer that an encoder's file carries, of those that are read out of one."""
    if TEKKEN in header.tensors:
        return "tekken"
    is_read = header.is_gguf and header.metadata.get(TOKENIZER_MODEL) == "gpt2"
    return (
        {"qwen2": "qwen_tokenizer", "tekken": "tekken"}.get(header.metadata.get(TOKENIZER_CUTS, ""), "")
        if is_read
        else ""
    )


def is_map_lora(path: Path) -> bool:
    """Whether a file is a LoRA that makes FLUX.1 Canny or Depth of dev. Raises InvalidInput for a damaged file."""
    return header_of(path).tensors.keys() >= set(_SEES_MAPS)


def _bare(shapes: Shapes) -> Shapes:
    """The tensors' shapes by their names without what checkpoints put before a denoiser's."""
    prefix = next((prefix for prefix in PREFIXES if any(name.startswith(prefix) for name in shapes)), "")
    return {name.removeprefix(prefix): shape for name, shape in shapes.items()}
