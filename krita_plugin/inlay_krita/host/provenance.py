"""What was done to a picture, for `inlay sign`: an annotation in the .kra, since Krita's exports keep nothing of the kind.

As few facts as a mark needs: no words, no names. The terms for them are the server's business.
"""

import json

from ..qt import QtCore
from .capture import Rect, rect_of

KEY = "inlay/provenance"


def keep(document, result) -> None:
    """Adds what a group, or a layer, remembers (`memories.Result`) to what the document says of itself."""
    acts = {**_kept(document), **{layer: _act(kept, result.mask) for layer, kept in result.layers.items()}}
    note = QtCore.QByteArray(json.dumps(acts, sort_keys=True).encode())
    document.setAnnotation(KEY, "Inlay: what was done to the picture, for its Content Credentials", note)


def _act(kept, mask: bytes) -> dict:
    recipe, receipt = kept.memory.recipe, json.loads(kept.memory.receipt_json or "{}")
    return {
        "verb": recipe.verb,
        "engine": receipt.get("engine", ""),
        "region": list(rect_of(recipe.where.region).moved(kept.offset)),
        "recipe_sha256": receipt.get("recipe_sha256", ""),
        "is_whole": _is_whole(recipe, mask),
    }


def _is_whole(recipe, mask: bytes) -> bool:
    """Whether words alone made the whole picture: all of it was selected, and nothing of what was there counted."""
    region, size, sampling = rect_of(recipe.where.region), recipe.canvas.document, recipe.sampling
    strength = sampling.strength if sampling.HasField("strength") else 1.0
    everything = region == Rect(0, 0, size.width, size.height) and not mask.strip(b"\xff")
    return recipe.verb == "generate" and strength == 1.0 and everything


def _kept(document) -> dict:
    try:
        kept = json.loads(bytes(document.annotation(KEY)) or b"{}")
    except ValueError:
        return {}
    return kept if isinstance(kept, dict) else {}
