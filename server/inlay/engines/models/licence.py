"""Under which licence a model is, as its own papers say; nobody here decides whether that is true.

A folder says it in its model card (https://huggingface.co/docs/hub/model-cards#model-card-metadata) or has the licence's text; a
file in its header (https://github.com/Stability-AI/ModelSpec).
"""

import re
from pathlib import Path

from inlay.engines.models.header import metadata_of

CARD = "README.md"
_FRONT = re.compile(r"\A---\s*\n(.*?)\n---", re.DOTALL)
_LICENCE = re.compile(r"^(license|license_name):[ \t]*['\"]?([^'\"\n#]+)", re.MULTILINE)
_PAPERS = re.compile(r"(licen[cs]e|copying)\b.*", re.IGNORECASE)
_UNSAID = ("other", "unknown")
MAX_CHARACTERS = 80


def licence_of(place: Path) -> str:
    """The licence of the model at `place`, a folder or a file: what its card or its header names (`apache-2.0`), else the name
    of the licence's file; empty where nothing is said.

    Raises InvalidInput where a file is damaged.
    """
    if place.is_file():
        return metadata_of(place).get("modelspec.license", "").strip()[:MAX_CHARACTERS]
    return (_on_the_card(place / CARD) or _beside(place))[:MAX_CHARACTERS]


def is_paper(name: str) -> bool:
    """Whether a file of this name tells a model's licence: its card, or the licence itself."""
    return name == CARD or _PAPERS.fullmatch(name) is not None


def _on_the_card(card: Path) -> str:
    front = _FRONT.match(card.read_text("utf-8", errors="replace")) if card.is_file() else None
    said = {key: value.strip() for key, value in _LICENCE.findall(front[1])} if front else {}
    named = said.get("license_name", "")
    licence = said.get("license", "")
    return licence if licence and licence not in _UNSAID else named


def _beside(place: Path) -> str:
    names = sorted(file.name for file in place.iterdir() if file.is_file() and _PAPERS.fullmatch(file.name))
    return names[0] if names else ""
