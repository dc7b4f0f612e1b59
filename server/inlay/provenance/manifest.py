"""What a mark says, as C2PA puts it: actions with their regions and terms. Nothing of who, where, or what was asked for.

Source: C2PA specification 2.2, "Actions" and "Regions of interest".
"""

from collections.abc import Sequence
from typing import Any

import inlay
from inlay.provenance.acts import Act
from inlay.provenance.source_types import address_of, strongest

_AGENT = {"name": "Inlay", "version": inlay.__version__}


def manifest_of(acts: Sequence[Act], mime: str, *, has_parent: bool, with_words: bool) -> dict[str, Any]:
    """The manifest of a file in which these were done. with_words: prompts and the names of models are told, too.

    With a parent its first action, which opens that, is the signer's to add; without one the file's making is the first action.
    """
    actions = [_action(act, with_words) for act in acts]
    if not has_parent:
        term = strongest(act.term for act in acts)
        actions.insert(0, {"action": "c2pa.created", "digitalSourceType": address_of(term), "softwareAgent": _AGENT})
    return {
        "claim_generator_info": [_AGENT],
        "format": mime,
        "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": actions}}],
    }


def _action(act: Act, with_words: bool) -> dict[str, Any]:
    action: dict[str, Any] = {
        "action": "c2pa.edited",
        "softwareAgent": _AGENT,
        "digitalSourceType": address_of(act.term),
        "description": act.verb.replace("_", " "),
        "parameters": {"app.inlay.recipe_sha256": act.recipe_sha256},
    }
    if act.region:
        # A region's `role` is left out: c2pa-rs 0.91 cannot read the manifests that it writes with one.
        rectangle = {
            "type": "rectangle",
            "unit": "pixel",
            "origin": {"x": act.region.x, "y": act.region.y},
            "width": act.region.width,
            "height": act.region.height,
        }
        action["changes"] = [{"name": "selection", "region": [{"type": "spatial", "shape": rectangle}]}]
    if with_words:
        action["parameters"] |= {"app.inlay.prompt": act.prompt, "app.inlay.model": act.engine}
    return action
