"""A graph on its way into the data folder: read, checked against the ComfyUI that is to run it, and kept as it was exported."""

import json
from pathlib import Path

from inlay.engines.models.files import ModelFile, hash_file
from inlay.engines.models.remote_entry import Remote
from inlay.engines.remote.comfy_check import TEMPLATES, faults_of, template
from inlay.engines.remote.comfy_graph import Graph, Marks, marks_of, parsed
from inlay.engines.remote.comfy_line import ComfyLine
from inlay.engines.remote.wire import BrokenOff, NotReached
from inlay.errors import InvalidInput, Unavailable

NO_MASK = "the graph has no node for the mask: what it changes outside of the selection is left out"
NO_PROMPT = "the graph has no node titled 'Inlay prompt': it is not told what the retoucher writes"
NO_SEED = "the graph has no node for the seed: all variations may look alike"
EIGHT_BIT = "this ComfyUI takes and gives pictures of 8 bit only; 0.28 and later do it without loss"


def stored(given: str, place: Path, remote: Remote) -> tuple[str, str, tuple[ModelFile, ...], list[str]]:
    """The graph from the file `given`, or the one of that name that Inlay brings, checked and written to `place`.

    Where it lies, its SHA-256, itself as a file, and sentences about it. Raises InvalidInput with everything that is missing,
    Unavailable where the ComfyUI does not answer.
    """
    line = ComfyLine(remote, lambda: None)
    try:
        graph = _graph(given, line)
        marks = marks_of(graph)
        faults = faults_of(graph, marks, line.node, allow_api_nodes=remote.allow_api_nodes)
        exact = line.exact()
    except (NotReached, BrokenOff) as error:
        raise Unavailable(f"no ComfyUI answers at {remote.address} ({error.how}); start it and try again") from None
    if faults:
        raise InvalidInput("graph", given, "; ".join(faults))
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(json.dumps(graph, indent=1), encoding="utf-8")
    digest, state = hash_file(place), place.stat()
    return str(place), digest, (ModelFile(place.name, digest, state.st_size, state.st_mtime_ns),), _notes(marks, exact)


def references_of(path: str) -> int:
    """How many further pictures the graph at `path` has places for."""
    return len(marks_of(parsed(Path(path).read_bytes())).references)


def _graph(given: str, line: ComfyLine) -> Graph:
    if given in TEMPLATES:
        return template(given, line.node)
    place = Path(given).expanduser()
    if not place.is_file():
        raise InvalidInput("graph", given, f"it must be a file, or one of {', '.join(TEMPLATES)}")
    return parsed(place.read_bytes())


def _notes(marks: Marks, exact: bool) -> list[str]:
    notes: list[str] = []
    if not marks.mask and not marks.mask_in_alpha:
        notes.append(NO_MASK)
    if not marks.prompt:
        notes.append(NO_PROMPT)
    if not marks.seed:
        notes.append(NO_SEED)
    if not exact:
        notes.append(EIGHT_BIT)
    return notes
