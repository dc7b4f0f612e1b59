"""Models behind `/v1/images/edits`, as OpenAI has it and vLLM-Omni, SGLang, stable-diffusion.cpp and Xinference after it.

Reference: https://platform.openai.com/docs/api-reference/images/createEdit. What a server understands is in its entry.
"""

import base64
import binascii
from collections.abc import Iterator
from typing import Any

import numpy as np

from inlay.capabilities import Capabilities
from inlay.engines.interface import Painting, Progress, Scene
from inlay.engines.models.catalog import ModelEntry
from inlay.engines.models.remote_families import REMOTE_FAMILIES
from inlay.engines.remote.buying import Till, parsed
from inlay.engines.remote.framing import frame_for, padded, padded_mask
from inlay.engines.remote.instructions import instruction
from inlay.engines.remote.keys import key_of
from inlay.engines.remote.pictures import mask_of, pixels_of, png_of
from inlay.engines.remote.receipts import Sent, notes_of, references_of
from inlay.engines.remote.wire import Request, Wire
from inlay.errors import BadAnswer
from inlay.recipe import Recipe

MAX_MASK_BYTES = 4_000_000
MORE_ANSWERS = "More pictures came than were asked for: the first was taken."


def engine_of(entry: ModelEntry) -> "ImagesApi":
    """The engine that asks the server of `entry`."""
    return ImagesApi(entry)


class ImagesApi:
    """`inlay.engines.interface.Engine`: one request for each variation."""

    def __init__(self, entry: ModelEntry) -> None:
        assert entry.remote
        self._entry = entry
        self._remote = entry.remote
        self._wire = Wire(entry.remote.address, entry.remote.timeout_s)

    def capabilities(self) -> Capabilities:
        return REMOTE_FAMILIES[self._entry.family].capabilities_of(self._entry)

    def paint(self, scene: Scene, recipe: Recipe, progress: Progress) -> Iterator[Painting]:
        """Raises Declined, BadAnswer, MayBeBilled, Unavailable, Unsupported without a key, Cancelled."""
        remote, key = self._remote, key_of(self._entry)
        frame = frame_for(scene.size, REMOTE_FAMILIES[self._entry.family].framing_of(remote))
        mask = padded_mask(scene.mask, frame)
        masked = remote.mask != "none"
        picture = png_of(padded(scene.pixels, frame))
        mask_file = _mask_file(mask, remote.mask) if masked else b""
        references = references_of(scene, remote.references)
        sent = Sent(self._entry, recipe, frame, picture, mask_file, references)
        till = Till(self._wire, remote.to)
        for number in range(recipe.sampling.count):
            seed = recipe.sampling.seed_of(number)
            fields = self._fields(recipe, seed, instruction(recipe, mask, masked=masked), frame.size)
            request = Request("POST", "/images/edits", _headers(key.reveal()), data=fields, files=_files(remote, sent))
            answer = till.buy(request, key, f"{seed}", progress)
            found = parsed(answer.body)
            pixels, more = _first(found)
            progress.step(number + 1, recipe.sampling.count, "painting")
            yield Painting(
                number,
                seed,
                pixels_of(pixels),
                notes=(*notes_of(remote, recipe, scene), *([MORE_ANSWERS] if more else ())),
                receipt={**sent.receipt, **_told(found), "request_id": answer.headers.get("x-request-id", "")[:120]},
                frame=frame,
            )

    def _fields(self, recipe: Recipe, seed: int, prompt: str, size: tuple[int, int]) -> dict[str, str]:
        remote = self._remote
        fields = {"model": remote.model} if remote.model else {}
        fields |= {"prompt": prompt, "n": "1", "size": f"{size[0]}x{size[1]}"}
        if remote.seed_field:
            fields[remote.seed_field] = str(seed)
        if remote.steps_field and remote.steps:
            fields[remote.steps_field] = str(remote.steps)
        return fields | dict(remote.further)


def _headers(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"} if key else {}


def _files(remote: Any, sent: "Sent") -> list[tuple[str, tuple[str, bytes, str]]]:
    """One picture is `image`, several are `image[]`; names say nothing."""
    name = "image[]" if sent.references else "image"
    pictures = [sent.picture, *sent.references]
    files = [(name, (f"image{number or ''}.png", data, "image/png")) for number, data in enumerate(pictures)]
    if sent.mask:
        files.append((remote.mask_field, ("mask.png", sent.mask, "image/png")))
    return files


def _mask_file(mask: Any, style: str) -> bytes:
    """The mask; without its finest shades where it would be more than is taken."""
    made = mask_of(mask, style)
    return made if len(made) <= MAX_MASK_BYTES else mask_of((mask > 0).astype(np.float32), style)


def _first(found: dict[str, Any]) -> tuple[bytes, bool]:
    """The first picture's bytes, and whether there are more. Raises BadAnswer."""
    data = found.get("data")
    if not isinstance(data, list) or not data or not isinstance(data[0], dict):
        raise BadAnswer("the answer holds no picture")
    text = data[0].get("b64_json")
    if not isinstance(text, str) or not text:
        if data[0].get("url"):
            raise BadAnswer("the answer holds an address instead of a picture, which is not fetched")
        raise BadAnswer("the answer holds no picture")
    return unpacked(text), len(data) > 1


def unpacked(text: str) -> bytes:
    """Bytes from base64. Raises BadAnswer."""
    try:
        return base64.b64decode(text.partition("base64,")[2] or text, validate=True)
    except (binascii.Error, ValueError):
        raise BadAnswer("the answer's picture is no base64") from None


def _told(found: dict[str, Any]) -> dict[str, str]:
    """What the answer says of itself, for the receipt."""
    usage = found.get("usage")
    tokens = usage if isinstance(usage, dict) else {}
    names = ("input_tokens", "output_tokens", "total_tokens")
    return {name: str(tokens[name]) for name in names if isinstance(tokens.get(name), int)}
