"""Folders that transformers saves one network in: which family that is, by its config.json. Nothing in them is ever run."""

import json
from pathlib import Path
from typing import Any, cast

from inlay.errors import InvalidInput

CONFIG = "config.json"
SPEAK = ("qwen2_vl", "qwen2_5_vl", "qwen3_vl", "florence2", "idefics3", "llava", "smolvlm")
"""Kinds of models of vision and language, of all that transformers has, that are taken for ones that describe."""
FAMILY_OF = {"sam2": "sam2", "sam2_video": "sam2", **dict.fromkeys(SPEAK, "describer")}
"""By `model_type`; the published SAM 2 call themselves the latter."""


def family_in(place: Path) -> str:
    """The family of the network that a folder holds; empty where it is none that is known here by itself.

    Raises InvalidInput for a network whose code lies beside its weights: it would have to be run.
    """
    if not place.is_dir() or (place / "model_index.json").is_file():
        return ""
    try:
        read: Any = json.loads((place / CONFIG).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return ""
    config = cast(dict[str, Any], read) if isinstance(read, dict) else {}
    family = FAMILY_OF.get(str(config.get("model_type", "")), "")
    if not family and "auto_map" in config:
        names = config.get("architectures")
        name = str(cast(list[object], names)[0])[:80] if isinstance(names, list) and names else place.name
        limit = f"{name} is no network that transformers ships: it brings code of its own, and such code is never run"
        raise InvalidInput("path", place, limit)
    return family
