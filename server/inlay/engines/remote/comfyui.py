"""A ComfyUI as an engine: one job of ours is one job there, under an id that follows from ours, so that it is found again."""

import time
import uuid
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from inlay.capabilities import Capabilities
from inlay.engines.interface import Frame, Painting, Progress, Scene, SceneInput, Waiting, ledger_of
from inlay.engines.models.catalog import ModelEntry, check_unchanged
from inlay.engines.models.remote_families import EXR_MULTIPLE, REMOTE_FAMILIES
from inlay.engines.remote import exr
from inlay.engines.remote.comfy_graph import Graph, filled, marks_of, parsed, title_of
from inlay.engines.remote.comfy_line import FOLDER, ComfyLine
from inlay.engines.remote.pictures import pixels_of, png_of, sixteen_of
from inlay.engines.remote.receipts import EIGHT_BIT, Sent
from inlay.engines.remote.wire import BrokenOff, NotReached
from inlay.errors import BadAnswer, Declined, Unavailable, Unsupported
from inlay.recipe import LOOKED_AT, Recipe
from inlay.region import Rect, Size

NAMES = uuid.UUID("6f3c2b0e-5d0e-4c39-9a5f-0d1f7f1a7c11")
"""Under which the ids of our jobs there are made, RFC 9562 version 5."""

ABSENCE_S = 120.0
"""So long a ComfyUI may be away, such as to be started again, before a job gives it up."""
LONGEST_PAUSE_S = 2.0
MAX_LOSSES = 3
NO_MASK = "The graph was shown no mask: what it changed outside of the selection is left out."


def engine_of(entry: ModelEntry) -> "ComfyUi":
    """The engine that runs the graph of `entry`."""
    return ComfyUi(entry)


class _Files(NamedTuple):
    """What one job brings. picture, mask, references: name and bytes; no mask where the picture has it or nobody reads it.

    nodes: for each reference the node that shows it.
    """

    picture: tuple[str, bytes]
    mask: tuple[str, bytes] | None
    references: tuple[tuple[str, bytes], ...]
    nodes: tuple[str, ...]

    @property
    def all(self) -> tuple[tuple[str, bytes], ...]:
        return (self.picture, *([self.mask] if self.mask else []), *self.references)


class _Ears:
    """Turns what is heard of a job there into our own progress."""

    def __init__(self, progress: Progress, samplers: frozenset[str], number: int, count: int) -> None:
        self._progress, self._samplers, self._number, self._count = progress, samplers, number, count

    def step(self, node: str, index: int, total: int) -> None:
        if node in self._samplers and 0 < index <= total:
            self._progress.step(self._number * total + index, self._count * total, "painting")

    def preview(self, pixels: NDArray[np.float32]) -> None:
        self._progress.preview(self._number, pixels)

    def waits(self, position: int) -> None:
        if isinstance(self._progress, Waiting):
            self._progress.waits(position)


class ComfyUi:
    """`inlay.engines.interface.Engine`: one job there for each variation."""

    def __init__(self, entry: ModelEntry) -> None:
        assert entry.remote
        check_unchanged(entry)
        self._entry = entry
        self._remote = entry.remote
        self._graph = parsed(entry.location.read_bytes(), f"models.{entry.id}.path")
        self._marks = marks_of(self._graph, f"models.{entry.id}.path")
        self._line = ComfyLine(entry.remote, lambda: None)
        self._exact: bool | None = None
        """Whether pictures travel as floats; asked again once it was away, and may be another."""

    def capabilities(self) -> Capabilities:
        return REMOTE_FAMILIES[self._entry.family].capabilities_of(self._entry)

    def paint(self, scene: Scene, recipe: Recipe, progress: Progress) -> Iterator[Painting]:
        """Raises Declined, BadAnswer, Unavailable, Cancelled."""
        line = self._line.checking(progress.check)
        if self._exact is None:
            self._exact = bool(self._patiently(line.exact, progress))
        exact = self._exact
        frame, files = self._files(scene, exact)
        sent = Sent(
            self._entry,
            recipe,
            frame,
            files.picture[1],
            files.mask[1] if files.mask else b"",
            tuple(data for _, data in files.references),
            tuple(name.partition(".")[0] for name, _ in files.all),
        )
        notes = (() if exact else (EIGHT_BIT,)) + (() if self._shows_mask else (NO_MASK,))
        for number in range(recipe.sampling.count):
            seed = recipe.sampling.seed_of(number)
            ears = _Ears(progress, self._samplers, number, recipe.sampling.count)
            name = f"{ledger_of(progress).job_id}/{seed}"
            data = self._run(line, recipe, files, seed, name, exact, ears, progress)
            pixels = exr.pixels_of_exr(data) if data.startswith(exr.SIGNATURE) else pixels_of(data)
            receipt = {
                **sent.receipt,
                "graph_sha256": self._entry.files[0].sha256,
                "depth": "float" if exact else "8 bit",
            }
            yield Painting(number, seed, pixels, notes, receipt, frame=frame)

    @property
    def _shows_mask(self) -> bool:
        return bool(self._marks.mask) or self._marks.mask_in_alpha

    @property
    def _samplers(self) -> frozenset[str]:
        marked = frozenset(self._marks.sampler)
        return marked or frozenset(node for node, facts in self._graph.items() if "Sampler" in facts["class_type"])

    def _files(self, scene: Scene, exact: bool) -> tuple[Frame, _Files]:
        """The window, padded with its own edge to a width that is read without loss, and the mask."""
        more = -scene.size.width % EXR_MULTIPLE if exact else 0
        pixels, mask = scene.pixels, scene.mask
        if more:  # NumPy copies all of it where there is nothing to add, too
            pixels = np.pad(pixels, ((0, 0), (0, more), (0, 0)), mode="edge")
            mask = np.pad(mask, ((0, 0), (0, more)))
        frame = Frame(Size(pixels.shape[1], pixels.shape[0]), Rect(0, 0, scene.size.width, scene.size.height))
        if self._marks.mask_in_alpha:
            pixels = np.dstack([pixels, 1 - mask])
        picture = _named(exr.exr_of(pixels), "exr") if exact else _named(png_of(pixels), "png")
        apart = _named(sixteen_of(mask), "png") if self._marks.mask else None
        placed = self._placed(scene)
        files = tuple(_named(png_of(one.pixels), "png") for one in placed.values())
        return frame, _Files(picture, apart, files, tuple(placed))

    def _placed(self, scene: Scene) -> dict[str, SceneInput]:
        """The pictures that go along, each at the next node for its role. Raises Unsupported where there is none."""
        free = list(self._marks.references)
        placed: dict[str, SceneInput] = {}
        for one in scene.inputs:
            if one.role not in LOOKED_AT:
                continue
            place = next((place for place in free if place[0] == one.role), None)
            if place is None or len(placed) == self._remote.references:
                count = min(self._remote.references, sum(role == one.role for role, _ in self._marks.references))
                limit = f"the graph has {count} places for a picture of the role {one.role!r}; leave the others out"
                raise Unsupported(limit, field="inputs")
            free.remove(place)
            placed[place[1]] = one
        return placed

    def _run(
        self,
        line: ComfyLine,
        recipe: Recipe,
        files: _Files,
        seed: int,
        name: str,
        exact: bool,
        ears: _Ears,
        progress: Progress,
    ) -> bytes:
        """The file that the graph gives. A job that is there already is followed; one that was lost is queued again."""
        for loss in range(MAX_LOSSES):
            call = f"{name}/{loss}" if loss else name
            prompt_id = str(uuid.uuid5(NAMES, call))
            try:
                found = self._finished(line, recipe, files, seed, prompt_id, exact, ears, progress)
            except BaseException:
                line.take_back(prompt_id)
                raise
            data = self._output(line, found, progress)
            if data is not None:
                return data
        raise BadAnswer(f"{self._remote.to} says that it is done, and its picture is not there")

    def _finished(
        self,
        line: ComfyLine,
        recipe: Recipe,
        files: _Files,
        seed: int,
        prompt_id: str,
        exact: bool,
        ears: _Ears,
        progress: Progress,
    ) -> dict[str, Any]:
        def graph_of(names: Sequence[str]) -> Graph:
            shown = 1 + (files.mask is not None)
            values = self._values(recipe, seed, names[0], names[1] if files.mask else "")
            references = dict(zip(files.nodes, names[shown:], strict=True))
            return filled(self._graph, self._marks, values, references, f"{FOLDER}/{prompt_id}", exact)

        def attempt() -> dict[str, Any] | None:
            return line.run(prompt_id, files.all, graph_of, ears)

        for _ in range(MAX_LOSSES):
            if (found := self._patiently(attempt, progress)) is not None:
                return found
        raise Unavailable(f"{self._remote.to} lost the job {MAX_LOSSES} times; try again later")

    def _values(self, recipe: Recipe, seed: int, picture: str, mask: str) -> dict[str, Any]:
        words = recipe.told
        values: dict[str, Any] = {
            "picture": picture,
            "prompt": words.prompt,
            "negative": words.negative_prompt,
            "seed": seed,
            "strength": recipe.sampling.strength,
        }
        if mask:
            values["mask"] = mask
        if self._remote.steps:
            values["steps"] = self._remote.steps
        return values

    def _output(self, line: ComfyLine, found: dict[str, Any], progress: Progress) -> bytes | None:
        """The file; None where the job is done and gave none, as ComfyUI does when all of it was cached. Raises Declined."""
        status = found.get("status") or {}
        if status.get("status_str") != "success":
            raise Declined(f"{self._remote.to} could not run the graph: {self._failure(status)}")
        outputs = (found.get("outputs") or {}).get(self._marks.output) or {}
        images = outputs.get("images") or ()
        return self._patiently(lambda: line.picture(images[0]), progress) if images else None

    def _failure(self, status: dict[str, Any]) -> str:
        for message in status.get("messages") or ():
            if message[0] == "execution_error":
                node = str(message[1].get("node_id", ""))
                where = title_of(self._graph, node) if node in self._graph else node
                return f"node {where}: {' '.join(str(message[1].get('exception_message', '')).split())[:240]}"
            if message[0] == "execution_interrupted":
                return "somebody stopped it there"
        return "it does not say why"

    def _patiently(self, attempt: Any, progress: Progress) -> Any:
        """What `attempt` returns, tried again while the server is away."""
        gone_s: float | None = None
        pause_s = 0.05
        while True:
            progress.check()
            try:
                return attempt()
            except (NotReached, BrokenOff) as error:
                self._exact = None
                now = time.monotonic()
                gone_s = now if gone_s is None else gone_s
                if now - gone_s > ABSENCE_S:
                    raise Unavailable(f"{self._remote.to} cannot be reached ({error.how}); try again later") from None
            until = time.monotonic() + pause_s
            while time.monotonic() < until:
                progress.check()
                time.sleep(0.02)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)


def _named(data: bytes, ending: str) -> tuple[str, bytes]:
    """A file under its own SHA-256: the same bytes again need not travel."""
    return f"{sha256(data).hexdigest()}.{ending}", data
