"""`inlay edit --verb structure`: the map of what is kept, as a layer to be looked at, painted over and used again."""

from pathlib import Path

from inlay import documents
from inlay.cli.access import Access
from inlay.cli.asking import answered, selected, tell
from inlay.client.edit import Wish
from inlay.client.results import group_of
from inlay.recipe import Verb
from inlay.structure import KIND


def show_structure(photo: Path, mask: Path | None, out: Path, wish: Wish, access: Access, *, as_json: bool) -> None:
    """Write the photo with the map above it, to a file that holds layers. Raises what a server refuses."""
    document = documents.read(photo)
    kind = {name: value for name, value in wish.options.items() if name == KIND}
    asked = Wish(Verb.STRUCTURE, wish.seed, model=wish.model, options=kind)
    with answered(document, selected(document, mask), asked, access) as (client, answer):
        (variation,) = answer.variations
        group = group_of(client, "Structure", variation)
    notes = (*answer.plan.notes, *variation.report.notes, *documents.write(out, document, [], [group]))
    names = [item.name for item in group.items]
    tell(answer, out, notes, f"shown: {', '.join(names)}", {"layers": names}, as_json=as_json)
