"""Styles of other programs: A1111's `styles.csv`, a style of krita-ai-diffusion (.json); and palettes, as styles of their colours.

https://github.com/AUTOMATIC1111/stable-diffusion-webui (modules/styles.py), https://github.com/Acly/krita-ai-diffusion (styles/).
"""

import csv
import json
import re
from pathlib import Path
from typing import Any, NamedTuple

from inlay.errors import InvalidInput
from inlay.recipe import Lora, Style
from inlay.styles.limits import MAX_COLORS
from inlay.styles.palettes import READERS, palette_of

_LORA = re.compile(r"<lora:([^:<>]+)(?::([-+.\d]+))?[^<>]*>")
_PLACE = "{prompt}"
_KNOWN = ("name", "version", "style_prompt", "negative_prompt", "loras")
_MODELS = ("checkpoints", "sd_checkpoint")


class Imported(NamedTuple):
    """A style, and what of its file it has no place for: one sentence each."""

    style: Style
    notes: tuple[str, ...] = ()


def imported(path: Path) -> list[Imported]:
    """The styles of a file, in its order. Raises InvalidInput for what is none."""
    kind = path.suffix.lower()
    if kind in READERS:
        palette = palette_of(path)
        colors, more = palette.colors[:MAX_COLORS], len(palette.colors) - MAX_COLORS
        notes = (*palette.left_out, *((f"{more} more colours were left out",) if more > 0 else ()))
        title = palette.name or path.stem
        return [Imported(Style(_id(title), title=title, colors=colors), notes)]
    try:
        if kind == ".csv":
            return _a1111(path.read_text("utf-8-sig"))
        if kind == ".json":
            return [_krita(json.loads(path.read_text("utf-8-sig")), path.stem)]
    except (ValueError, csv.Error, KeyError, TypeError, AttributeError) as error:
        raise InvalidInput("FILE", str(path), f"it holds no styles that can be read ({error})") from None
    raise InvalidInput("FILE", str(path), f"it must end in .csv, .json, {', '.join(READERS)}")


def _a1111(text: str) -> list[Imported]:
    rows = csv.DictReader(text.splitlines(keepends=True))
    columns = rows.fieldnames or ()
    if "name" not in columns or not {"prompt", "text"} & {*columns}:
        raise ValueError("its first line names no columns `name` and `prompt`")
    found: list[Imported] = []
    taken: set[str] = set()
    for row in rows:
        name = (row["name"] or "").strip()
        prompt, negative = (
            (row.get("prompt") or row.get("text") or "").strip(),
            (row.get("negative_prompt") or "").strip(),
        )
        if not name or not (prompt or negative):
            continue  # a heading among them
        style = _worded(_id(name, taken), name, prompt, negative)
        taken.add(style.id)
        found.append(Imported(style, _unread(prompt)))
    return found


def _unread(prompt: str) -> tuple[str, ...]:
    return ("`BREAK` and `AND` mean nothing here",) if re.search(r"\b(BREAK|AND)\b", prompt) else ()


def _krita(plain: dict[str, Any], stem: str) -> Imported:
    name = str(plain.get("name") or stem)
    worn = [one for one in plain.get("loras", []) if one.get("enabled", True)]
    style = _worded(
        _id(name), name, str(plain.get("style_prompt", "")).strip(), str(plain.get("negative_prompt", "")).strip()
    )
    loras = (*style.loras, *(Lora(str(one["name"]), "", float(one.get("strength", 1.0))) for one in worn))
    wanted = [plain[key] for key in _MODELS if plain.get(key)]
    named = ", ".join(one for part in wanted for one in ([part] if isinstance(part, str) else part))
    rest = sorted(key for key in plain if key not in (*_KNOWN, *_MODELS, "architecture", "sd_version"))
    notes = (
        *((f"it was made for {named}; name your model under `models`",) if named else ()),
        *((f"{', '.join(rest)} are a model's own here: they stand in models.toml",) if rest else ()),
    )
    return Imported(Style(style.id, "", name, *_texts(style), loras=loras), notes)


def _texts(style: Style) -> tuple[str, str, str]:
    return style.prompt_before, style.prompt_after, style.negative_prompt


def _worded(style_id: str, title: str, prompt: str, negative: str) -> Style:
    """A prompt with or without a place for the retoucher's, with `<lora:NAME:WEIGHT>` in it."""
    loras = tuple(Lora(found[1], "", float(found[2] or 1)) for found in _LORA.finditer(prompt))
    bare = re.sub(r"\s+([,.])", r"\1", " ".join(_LORA.sub("", prompt).split())).strip(", ")
    before, place, after = bare.partition(_PLACE)
    before, after = (before, after) if place else ("", bare)
    return Style(
        style_id,
        title=title,
        prompt_before=before.strip(),
        prompt_after=after.replace(_PLACE, "").strip(),
        negative_prompt=negative,
        loras=loras,
    )


def _id(name: str, taken: set[str] = frozenset()) -> str:  # pyright: ignore[reportArgumentType]
    base = re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("-._")[:60] or "style"
    return next(one for one in (base, *(f"{base}-{n}" for n in range(2, 1000))) if one not in taken)
