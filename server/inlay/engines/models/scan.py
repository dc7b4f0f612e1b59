"""What lies in a folder of models, by the headers of its files: what could paint here, what it lacks, and what lies beside it."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from inlay.capabilities import Commercial, Memory
from inlay.engines.models.assembly import MAP_LORA, TOKENIZERS, assembly_of, tokenizers_near
from inlay.engines.models.beside import Parts, part_of_folder
from inlay.engines.models.detect import MAPPED, RESTYLED, told_apart
from inlay.engines.models.diffusion_families import DIFFUSION
from inlay.engines.models.facts import need_of_parts, this_machine
from inlay.engines.models.families import FAMILIES
from inlay.engines.models.header import metadata_of
from inlay.engines.models.inspection import Inspected, inspect, is_map_lora
from inlay.engines.models.licence import licence_of
from inlay.engines.models.licences import Terms, published, terms_of
from inlay.engines.models.memory_verdict import verdict
from inlay.engines.models.pieces import Piece
from inlay.engines.models.places import models_in, place_of
from inlay.engines.models.steering_parts import steering_at
from inlay.engines.models.transformers_folder import family_in
from inlay.engines.models.video_families import BY_DIFFUSERS
from inlay.errors import InlayError, InvalidInput

REPOSITORIES = {
    "sd15": "stable-diffusion-v1-5/stable-diffusion-v1-5",
    "sdxl": "stabilityai/stable-diffusion-xl-base-1.0",
    "flux_fill": "black-forest-labs/FLUX.1-Fill-dev",
    "flux_dev": "black-forest-labs/FLUX.1-dev",
    "flux_schnell": "black-forest-labs/FLUX.1-schnell",
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

_PAINTS = ("folder", "checkpoint", "denoiser", "eraser", "segmenter", "describer")


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
    helpers: tuple[Helper, ...] = ()
    tokenizers: tuple[Helper, ...] = ()
    """Those that a lone denoiser needs, of which Inlay ships none and no encoder brings its own."""
    devs: tuple[Path, ...] = ()
    """For FLUX.1 Canny or Depth made by a LoRA: the FLUX.1 dev's that it goes on, of which `path` is the first."""
    is_lone: bool = False
    """Whether it is read without a folder of its family: configurations are shipped for it."""

    @property
    def lora(self) -> str:
        """What makes it of another model; empty for one that is whole."""
        return dict(self.parts).get(MAP_LORA, "")

    @property
    def own(self) -> Path:
        """What of it is nobody else's: its LoRA, else its path."""
        return Path(self.lora) if self.lora else self.path

    @property
    def assembles(self) -> bool:
        """Whether it can paint with encoders, VAE and tokenizers that lie alone."""
        return self.needs_base and not self.bases and self.is_lone

    @property
    def parts(self) -> Parts:
        """What lies beside it and helps it, where that is known."""
        lone = [Helper(one.piece.name, "", one.found) for one in self.beside] if self.assembles else []
        every = (*lone, *(self.tokenizers if self.assembles else ()), *self.helpers)
        sure = {one.name: str(one.found[0]) for one in every if len(one.found) == 1}
        wants = DIFFUSION[self.families[0]].with_part if self.families[0] in DIFFUSION else {}
        return tuple((name, place) for name, place in sure.items() if name not in wants or wants[name][0] in sure)

    @property
    def missing(self) -> tuple[str, ...]:
        """What has to be got before it can paint, by the name to look for."""
        parts = [f"{one.piece.title}: {one.piece.published}" for one in self.beside if not one.found]
        helpers = tuple(f"{one.name}: {one.wanted}" for one in self.helpers if one.wanted and not one.found)
        if not self.needs_base or self.bases:
            return helpers if self.bases else (*parts, *helpers)
        if self.is_lone:
            return (*parts, *(one.wanted for one in self.tokenizers if not one.found), *helpers)
        names = dict.fromkeys(REPOSITORIES[family] for family in self.families if family in REPOSITORIES)
        return (*parts, *helpers, *(f"a diffusers folder of it, for its tokenizers: {name}" for name in names))

    @property
    def open(self) -> tuple[str, ...]:
        """What somebody has to say before it can be added."""
        said = [f"which family it is: {' or '.join(self.families)} (--family)"] if len(self.families) > 1 else []
        if self.needs_base and len(self.bases) > 1:
            said.append(f"which folder goes with it: {' or '.join(str(base) for base in self.bases)} (--base)")
        for one in (*self.beside, *self.tokenizers) if self.assembles else ():
            if len(one.found) > 1:
                title = one.piece.title if isinstance(one, Beside) else TOKENIZERS[one.name].title
                said.append(f"which {title} goes with it: {' or '.join(map(str, one.found))} (--part)")
        if len(self.devs) > 1:
            said.append(f"which FLUX.1 dev it goes on: {' or '.join(map(str, self.devs))} (add DEV --part LORA)")
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
            if found := steering_at(path) or steering_at(house):
                where = path if steering_at(path) else house
                helping += [(f"{family}:{found.part}", where) for family in found.families]
                continue
            try:
                whole = house if family_in(house) else path
                _check_whole(whole)
                seen.append((place.program, inspect(whole)))
            except (InlayError, OSError) as error:
                refused.append((path, _reason(error)))
    parts = tuple((one.path, one.piece) for _, one in seen if one.piece)
    bases = [*known_bases, *((one.families[0], one.path) for _, one in seen if one.role == "folder")]
    carried = {one.path: one.tokenizer for _, one in seen if one.tokenizer}
    models = [_found(program, one, parts, bases, helping, carried) for program, one in seen if one.role in _PAINTS]
    loras = tuple(one.path for _, one in seen if one.role == "lora")
    restyling = [path for path in loras if is_map_lora(path)]
    models += [made for path in restyling for made in _restyled(path, models, helping)]
    return Scanned(tuple(models), parts, loras, tuple(refused))


def _reason(error: InlayError | OSError) -> str:
    """Without the path, which is said before it."""
    if isinstance(error, InvalidInput):
        return error.limit
    return error.message if isinstance(error, InlayError) else str(error)


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
    carried: Mapping[Path, str],
) -> Found:
    family = one.families[0]
    lacks = one.lacks if one.role == "denoiser" else ()
    licence = licence_of(one.path) or FAMILIES[family].licence or published(family, [piece.name for piece in lacks])
    fitting = tuple(dict.fromkeys(path for name, path in bases if name in one.families))
    sizes = {file.relative_to(one.path).as_posix(): file.stat().st_size for file in _files(one.path)}
    need = need_of_parts(family, one, sizes if one.role == "folder" else {}) if family in BY_DIFFUSERS else None
    beside = tuple(Beside(piece, _nearest(one.path, piece, parts)) for piece in lacks)
    own = [(carried[path], path) for part in beside for path in part.found if path in carried]
    return Found(
        path=one.path,
        program=program,
        families=one.families,
        title=FAMILIES[family].title,
        precision=one.layout.name,
        bytes=sum(sizes.values()) or one.path.stat().st_size,
        licence=terms_of(licence),
        memory=verdict(need, this_machine()) if need else Memory.UNKNOWN,
        beside=beside,
        bases=fitting if one.lacks_tokenizer else (),
        needs_base=one.lacks_tokenizer,
        helpers=tuple(_helpers(family, helping)) if len(one.families) == 1 else (),
        tokenizers=tuple(_tokenizers(family, helping, own)) if lacks else (),
        is_lone=bool(lacks) and assembly_of(family) is not None,
    )


def _restyled(lora: Path, models: Sequence[Found], helping: Sequence[tuple[str, Path]]) -> Iterable[Found]:
    """FLUX.1 Canny or Depth, which their makers' LoRA makes of a FLUX.1 dev that was found: the nearest."""
    devs = [one for one in models if one.families == (RESTYLED,) and one.path.suffix.lower() != ".gguf"]
    house = lora.parent.parent
    devs = [one for one in devs if one.path.is_relative_to(house)] or devs
    if not devs:
        return
    families = told_apart(MAPPED, lora, metadata_of(lora))
    yield replace(
        devs[0],
        families=families,
        title=DIFFUSION[families[0]].title,
        licence=terms_of(licence_of(lora) or published(families[0])),
        helpers=tuple(_helpers(families[0], [(MAP_LORA, lora), *helping])),
        devs=tuple(one.path for one in devs),
    )


def _tokenizers(
    family: str, helping: Sequence[tuple[str, Path]], carried: Sequence[tuple[str, Path]]
) -> Iterable[Helper]:
    """The tokenizers that a lone denoiser of a family needs, with where they lie: in folders, else in its encoder's own file."""
    if assembly := assembly_of(family):
        for name in assembly.tokenizers.values():
            if TOKENIZERS[name].place:
                folders, files = ([at for part, at in among if part == name] for among in (helping, carried))
                yield Helper(name, assembly.wanted[name], tuple(dict.fromkeys(folders or files)))


def _helpers(family: str, helping: Sequence[tuple[str, Path]]) -> Iterable[Helper]:
    """The parts that help a family, with where they lie."""
    facts = DIFFUSION.get(family)
    for name, told in facts.helpers.items() if facts else ():
        names = (name, f"{family}:{name}")
        yield Helper(name, told, tuple(dict.fromkeys(place for part, place in helping if part in names)))


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
