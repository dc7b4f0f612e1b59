"""What lies in a folder of models, by the headers of its files: what could paint here, what it lacks, and what lies beside it."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from inlay.capabilities import Commercial, Memory
from inlay.engines.models.assembly import TOKENIZERS, assembly_of, tokenizers_near
from inlay.engines.models.beside import Parts, part_of_folder
from inlay.engines.models.diffusion_families import DIFFUSION
from inlay.engines.models.facts import need_of_parts, this_machine
from inlay.engines.models.families import FAMILIES
from inlay.engines.models.inspection import Inspected, inspect
from inlay.engines.models.licence import licence_of
from inlay.engines.models.licences import Terms, published, terms_of
from inlay.engines.models.memory_verdict import verdict
from inlay.engines.models.pieces import Piece
from inlay.engines.models.places import models_in, place_of
from inlay.errors import InlayError, InvalidInput

REPOSITORIES = {
    "sd15": "stable-diffusion-v1-5/stable-diffusion-v1-5",
    "sdxl": "stabilityai/stable-diffusion-xl-base-1.0",
    "flux_fill": "black-forest-labs/FLUX.1-Fill-dev",
    "flux_canny": "black-forest-labs/FLUX.1-Canny-dev",
    "flux_depth": "black-forest-labs/FLUX.1-Depth-dev",
    "flux_kontext": "black-forest-labs/FLUX.1-Kontext-dev",
    "flux2_klein": "black-forest-labs/FLUX.2-klein-4B",
    "flux2_dev": "black-forest-labs/FLUX.2-dev",
    "qwen_image": "Qwen/Qwen-Image",
    "qwen_image_edit": "Qwen/Qwen-Image-Edit-2511",
    "qwen_image_21": "Qwen/Qwen-Image-2.1",
    "longcat_edit": "meituan-longcat/LongCat-Image-Edit",
    "fibo_edit": "briaai/Fibo-Edit-1.5-base",
    "z_image": "Tongyi-MAI/Z-Image-Turbo",
}
"""Where the makers' diffusers folder of a family is, which has its tokenizers: OWNER/NAME on the Hugging Face Hub."""

_PAINTS = ("folder", "checkpoint", "denoiser", "eraser")


class Beside(NamedTuple):
    """A part that a lone denoiser needs, and what was found of it. found: none: it is missing; several: somebody has to say."""

    piece: Piece
    found: tuple[Path, ...]


class Helper(NamedTuple):
    """A part that helps a family. wanted: what to look for, of one without which it does not paint. found: as in Beside."""

    name: str
    wanted: str
    found: tuple[Path, ...]


@dataclass(frozen=True)
class Found:
    """A model that could paint here."""

    path: Path
    program: str
    families: tuple[str, ...]
    """More than one where the tensors do not tell."""
    title: str
    precision: str
    bytes: int
    licence: Terms
    memory: Memory
    beside: tuple[Beside, ...] = ()
    bases: tuple[Path, ...] = ()
    """Diffusers folders of the family, which have the tokenizers that a lone denoiser lacks."""
    needs_base: bool = False
    assumed: str = ""
    helpers: tuple[Helper, ...] = ()
    tokenizers: tuple[Helper, ...] = ()
    """Those that a lone denoiser needs; none where only a folder of its family has what it needs."""

    @property
    def assembles(self) -> bool:
        """Whether it can paint with encoders, VAE and tokenizers that lie alone."""
        return self.needs_base and not self.bases and bool(self.tokenizers)

    @property
    def parts(self) -> Parts:
        """What lies beside it and helps it, where that is known."""
        lone = [Helper(one.piece.name, "", one.found) for one in self.beside] if self.assembles else []
        every = (*lone, *(self.tokenizers if self.assembles else ()), *self.helpers)
        return tuple((one.name, str(one.found[0])) for one in every if len(one.found) == 1)

    @property
    def missing(self) -> tuple[str, ...]:
        """What has to be got before it can paint, by the name to look for."""
        parts = [f"{one.piece.title}: {one.piece.published}" for one in self.beside if not one.found]
        helpers = tuple(f"{one.name}: {one.wanted}" for one in self.helpers if one.wanted and not one.found)
        if not self.needs_base or self.bases:
            return helpers if self.bases else (*parts, *helpers)
        if self.tokenizers:
            return (*parts, *(one.wanted for one in self.tokenizers if not one.found), *helpers)
        names = dict.fromkeys(REPOSITORIES[family] for family in self.families if family in REPOSITORIES)
        return (*parts, *helpers, *(f"a diffusers folder of it, for its tokenizers: {name}" for name in names))

    @property
    def open(self) -> tuple[str, ...]:
        """What somebody has to say before it can be added."""
        said = [f"which family it is: {' or '.join(self.families)} (--family)"] if len(self.families) > 1 else []
        if self.assumed:
            said.append(f"whether that is right: {self.assumed}")
        if self.needs_base and len(self.bases) > 1:
            said.append(f"which folder goes with it: {' or '.join(str(base) for base in self.bases)} (--base)")
        for one in (*self.beside, *self.tokenizers) if self.assembles else ():
            if len(one.found) > 1:
                title = one.piece.title if isinstance(one, Beside) else TOKENIZERS[one.name].title
                said.append(f"which {title} goes with it: {' or '.join(map(str, one.found))} (--part)")
        for one in self.helpers:
            if one.wanted and len(one.found) > 1:
                said.append(f"which {one.name} goes with it: {' or '.join(map(str, one.found))} (--part)")
        return tuple(said)


@dataclass(frozen=True)
class Scanned:
    """What lies in some folders. parts: text encoders and VAEs. refused: what nobody here reads, with the reason."""

    models: tuple[Found, ...]
    parts: tuple[tuple[Path, Piece], ...]
    loras: tuple[Path, ...]
    refused: tuple[tuple[Path, str], ...]


def scan(
    folders: Iterable[Path], known_bases: Sequence[tuple[str, Path]] = (), tell: Callable[[Path], None] = lambda _: None
) -> Scanned:
    """Look through `folders`, in place: headers are read, nothing is copied, nothing is written.

    known_bases: diffusers folders that the user has already, with their families. tell: called with each model that is read.
    Raises Unsupported as `place_of`.
    """
    seen: list[tuple[str, Inspected]] = []
    refused: list[tuple[Path, str]] = []
    helping: list[tuple[str, Path]] = []
    for folder in folders:
        helping += tokenizers_near(folder.expanduser().resolve()).items()
        place = place_of(folder)
        for path in models_in(place):
            tell(path)
            house = path if path.is_dir() else path.parent
            if part := part_of_folder(house):
                helping.append((part, house))
                continue
            try:
                _check_whole(path)
                seen.append((place.program, inspect(path)))
            except (InlayError, OSError) as error:
                refused.append((path, error.message if isinstance(error, InlayError) else str(error)))
    parts = tuple((one.path, one.piece) for _, one in seen if one.piece)
    bases = [*known_bases, *((one.families[0], one.path) for _, one in seen if one.role == "folder")]
    models = [_found(program, one, parts, bases, helping) for program, one in seen if one.role in _PAINTS]
    loras = tuple(one.path for _, one in seen if one.role == "lora")
    return Scanned(tuple(models), parts, loras, tuple(refused))


def _check_whole(path: Path) -> None:
    """Raise InvalidInput for a folder whose lists name weights that are not there: a download that was never finished."""
    for index in path.rglob("*.safetensors.index.json") if path.is_dir() else ():
        try:
            names = set(json.loads(index.read_text("utf-8"))["weight_map"].values())
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue  # whoever inspects it says what is wrong
        if lacking := sorted(str(name) for name in names if not (index.parent / str(name)).is_file()):
            limit = f"it is not whole: {lacking[0]} is not there; finish its download"
            raise InvalidInput("path", path, limit)


def _found(
    program: str,
    one: Inspected,
    parts: Sequence[tuple[Path, Piece]],
    bases: Sequence[tuple[str, Path]],
    helping: Sequence[tuple[str, Path]],
) -> Found:
    family = one.families[0]
    lacks = one.lacks if one.role == "denoiser" else ()
    licence = licence_of(one.path) or FAMILIES[family].licence or published(family, [piece.name for piece in lacks])
    fitting = tuple(dict.fromkeys(path for name, path in bases if name in one.families))
    sizes = {file.relative_to(one.path).as_posix(): file.stat().st_size for file in _files(one.path)}
    need = need_of_parts(family, one, sizes if one.role == "folder" else {}) if family in DIFFUSION else None
    return Found(
        path=one.path,
        program=program,
        families=one.families,
        title=FAMILIES[family].title,
        precision=one.layout.name,
        bytes=sum(sizes.values()) or one.path.stat().st_size,
        licence=terms_of(licence),
        memory=verdict(need, this_machine()) if need else Memory.UNKNOWN,
        beside=tuple(Beside(piece, _nearest(one.path, piece, parts)) for piece in lacks),
        bases=fitting if one.lacks_tokenizer else (),
        needs_base=one.lacks_tokenizer,
        assumed=one.assumed,
        helpers=tuple(_helpers(family, helping)) if len(one.families) == 1 else (),
        tokenizers=tuple(_tokenizers(family, helping)) if lacks else (),
    )


def _tokenizers(family: str, helping: Sequence[tuple[str, Path]]) -> Iterable[Helper]:
    """The tokenizers that a lone denoiser of a family needs, with where they lie."""
    if assembly := assembly_of(family):
        for name in assembly.tokenizers.values():
            if TOKENIZERS[name].place:
                yield Helper(
                    name, assembly.wanted[name], tuple(dict.fromkeys(at for part, at in helping if part == name))
                )


def _helpers(family: str, helping: Sequence[tuple[str, Path]]) -> Iterable[Helper]:
    """The parts that help a family, with where they lie."""
    facts = DIFFUSION.get(family)
    wanted = {facts.references_by: "", **facts.needs} if facts else {}
    for name, told in wanted.items():
        if name:
            yield Helper(name, told, tuple(dict.fromkeys(place for part, place in helping if part == name)))


def _nearest(path: Path, piece: Piece, parts: Sequence[tuple[Path, Piece]]) -> tuple[Path, ...]:
    """The files that hold a part: those beside the model, as programs lay them, before all others."""
    fitting = [place for place, held in parts if held.name == piece.name]
    house = path.parent.parent
    return tuple(place for place in fitting if place.is_relative_to(house)) or tuple(fitting)


def _files(path: Path) -> Iterable[Path]:
    return [file for file in path.rglob("*") if file.suffix in (".safetensors", ".gguf")] if path.is_dir() else ()


def recommended(found: Sequence[Found]) -> Sequence[Found]:
    """What can paint here and now, the best first: free of conditions, and fitting the card."""
    ready = [one for one in found if not one.missing and not one.open]
    order = list(Memory)
    return sorted(ready, key=lambda one: (one.licence.commercial is Commercial.NO, order.index(one.memory), -one.bytes))
