"""The invented verb's server, with three more: they answer with layers, a selection and a picture; and an engine far away.

    python tests/support/other_results.py serve --data FOLDER --grpc-port 0 --http-port 0

What comes follows from the pixels alone, see `answers`. "abroad" paints the weather as the others do, and says that it sends
its pixels to another machine.
"""

import dataclasses
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))  # where this is run as a program

from inlay.capabilities import Capabilities, Outside
from inlay.engines.models.catalog import Catalog
from inlay.engines.registry import Registry
from inlay.form import Needs, VerbForm
from inlay.forms import Forms
from inlay.forms.verbs import SELECTION
from inlay.jobs.workers.base import Workplace
from inlay.jobs.workers.studio import Studio
from support import invented_verb
from support.answers import Answering

VERBS = ("take_apart", "set_type", "find_red", "double")
FORMS = Forms(
    (*invented_verb.FORMS.verbs, *(VerbForm(verb, Needs.SELECTION, SELECTION) for verb in VERBS)),
    invented_verb.FORMS.words,
)


class Abroad(invented_verb.Clouds):
    """Clouds that are painted by somebody else, for money."""

    def capabilities(self) -> Capabilities:
        outside = Outside("example.org", bytes_per_px=4.0, price=0.07, currency="USD", as_of="2026-11")
        return dataclasses.replace(super().capabilities(), leaves="example.org", outside=outside)


def registry_of(catalog: Catalog | None, device: str = "cpu") -> Registry:
    """The invented verb's engines and these."""
    registry = invented_verb.registry_of(catalog, device)
    for verb in VERBS:
        registry.register(Answering(verb))
    registry.register(Abroad("abroad"))
    return registry


def studio(place: Workplace) -> Studio:
    """What paints inside a worker."""
    return Studio(registry_of(Catalog(place.models) if place.models else None, place.kind))


if __name__ == "__main__":
    from support import other_results

    invented_verb.serve_with(FORMS, registry_of, other_results.studio)
