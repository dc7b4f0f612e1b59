"""`styles.toml` to styles. What is wrong in it is named by its line and its key."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from inlay.errors import InvalidInput
from inlay.plain import from_plain
from inlay.recipe import Input, Lora, NamedColor, Style, TypeStyle
from inlay.styles.layout import TABLE, line_of
from inlay.styles.limits import Where, check

VERSION = 1

_TEXTS = ("title", "prompt_before", "prompt_after", "negative_prompt")
_LISTS = ("references", "loras", "colors")
_KEYS = (*_TEXTS, "strength", "models", *_LISTS, "type")
_LINE = re.compile(r"at line (\d+)")


def styles_of(text: str, file: str) -> tuple[Style, ...]:
    """The styles of a document, in its order. file: its name, for errors. Raises InvalidInput naming the line."""
    try:
        read = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = _LINE.search(str(error))
        at = f"{file}, line {line[1]}" if line else file
        raise InvalidInput(at, "not readable", f"it must be TOML ({error})") from None
    if read.get("version", VERSION) != VERSION:
        raise InvalidInput(f"{file}: version", read["version"], f"this Inlay reads version {VERSION}")
    if unknown := sorted(set(read) - {"version", TABLE}):
        raise InvalidInput(f"{file}: {unknown[0]}", "not known", f"styles stand in tables [{TABLE}.NAME]")
    tables = read.get(TABLE, {})
    if not isinstance(tables, dict):
        raise InvalidInput(f"{file}: {TABLE}", "not a table", "it must hold a table for each style")
    return tuple(_style(name, plain, _where(text, file, name)) for name, plain in tables.items())


def numbered(style: Style) -> Style:
    """The style with its version: the SHA-256 of what it holds."""
    return replace(style, sha256=style.content_sha256)


def plain_of(style: Style) -> dict[str, Any]:
    """What of a style is not empty, as TOML has it."""
    plain: dict[str, Any] = {name: text for name in _TEXTS if (text := getattr(style, name))}
    if style.strength is not None:
        plain["strength"] = style.strength
    if style.models:
        plain["models"] = dict(style.models)
    if style.type:
        plain["type"] = {name: value for name, value in vars(style.type).items() if value}
    if style.loras:
        plain["loras"] = [{name: value for name, value in vars(lora).items() if value != ""} for lora in style.loras]
    if style.colors:
        plain["colors"] = [dict(vars(one)) for one in style.colors]
    if style.references:
        plain["references"] = [_plain_reference(one) for one in style.references]
    return plain


def _plain_reference(one: Input) -> dict[str, Any]:
    raster = {name: value for name, value in vars(one.raster).items() if name != "icc"}
    raster["sample_type"] = str(one.raster.sample_type)
    if one.raster.icc:
        from base64 import b64encode

        raster["icc"] = b64encode(one.raster.icc).decode()
    return {"role": one.role, "name": one.name, "weight": one.weight, "raster": raster}


def _where(text: str, file: str, style: str) -> Where:
    return lambda part: f"{file}, line {line_of(text, style, part)}: {TABLE}.{style}{part and '.'}{part}"


def _style(name: str, plain: Any, where: Where) -> Style:
    if not isinstance(plain, dict):
        raise InvalidInput(where(""), "not a table", "it must be a table")
    if unknown := sorted(set(plain) - set(_KEYS)):
        raise InvalidInput(where(unknown[0]), "not known", f"it must be one of {', '.join(_KEYS)}")
    for key in _TEXTS:
        _check_type(where, key, plain.get(key, ""), str, "a text")
    for key in _LISTS:
        _check_type(where, key, plain.get(key, []), list, "a list of tables")
        for at, one in enumerate(plain.get(key, [])):
            _check_type(where, f"{key}[{at}]", one, dict, "a table")
    for key in ("models", "type"):
        _check_type(where, key, plain.get(key, {}), dict, "a table")
    for tier, model in plain.get("models", {}).items():
        _check_type(where, f"models.{tier}", model, str, "a model's id")
    style = Style(
        id=name,
        **{key: plain.get(key, "") for key in _TEXTS},
        strength=_number(where, "strength", plain["strength"]) if "strength" in plain else None,
        models=dict(plain.get("models", {})),
        loras=tuple(_lora(where, at, one) for at, one in enumerate(plain.get("loras", []))),
        colors=tuple(_color(where, at, one) for at, one in enumerate(plain.get("colors", []))),
        type=_type(where, plain["type"]) if "type" in plain else None,
        references=tuple(_reference(where, at, one) for at, one in enumerate(plain.get("references", []))),
    )
    check(style, where)
    return numbered(style)


def _lora(where: Where, at: int, plain: Mapping[str, Any]) -> Lora:
    part = f"loras[{at}]"
    _check_keys(where, part, plain, ("name", "weight", "sha256"))
    for key in ("name", "sha256"):
        _check_type(where, f"{part}.{key}", plain.get(key, ""), str, "a text")
    return Lora(
        plain.get("name", ""), plain.get("sha256", ""), _number(where, f"{part}.weight", plain.get("weight", 1.0))
    )


def _color(where: Where, at: int, plain: Mapping[str, Any]) -> NamedColor:
    part = f"colors[{at}]"
    _check_keys(where, part, plain, ("name", "color"))
    for key in ("name", "color"):
        _check_type(where, f"{part}.{key}", plain.get(key, ""), str, "a text")
    return NamedColor(plain.get("name", ""), plain.get("color", ""))


def _type(where: Where, plain: Mapping[str, Any]) -> TypeStyle:
    _check_keys(where, "type", plain, ("font", "least_px", "most_px"))
    _check_type(where, "type.font", plain.get("font", ""), str, "a text")
    sizes = [_number(where, f"type.{key}", plain.get(key, 0.0)) for key in ("least_px", "most_px")]
    return TypeStyle(plain.get("font", ""), *sizes)


def _reference(where: Where, at: int, plain: Mapping[str, Any]) -> Input:
    part = f"references[{at}]"
    _check_keys(where, part, plain, ("role", "name", "weight", "raster"))
    weight = _number(where, f"{part}.weight", plain.get("weight", 1.0))
    try:
        return from_plain(Input, {**plain, "weight": weight}, where(part))
    except (TypeError, ValueError, AttributeError) as error:
        raise InvalidInput(where(part), "not readable", f"it must describe a raster ({error})") from None


def _number(where: Where, part: str, value: Any) -> float:
    """As single precision has it, which is how it travels."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidInput(where(part), repr(value), "it must be a number")
    return float(str(np.float32(value)))


def _check_type(where: Where, part: str, value: Any, kind: type, limit: str) -> None:
    if not isinstance(value, kind):
        raise InvalidInput(where(part), repr(value), f"it must be {limit}")


def _check_keys(where: Where, part: str, plain: Mapping[str, Any], known: tuple[str, ...]) -> None:
    if unknown := sorted(set(plain) - set(known)):
        raise InvalidInput(where(f"{part}.{unknown[0]}"), "not known", f"it must be one of {', '.join(known)}")
