"""Google's Gemini models that answer with pictures: `generateContent`. They take no mask, and pictures of a few shapes.

Reference: https://ai.google.dev/api/generate-content, https://ai.google.dev/gemini-api/docs/image-generation.
"""

import base64
from collections.abc import Iterator
from typing import Any

from inlay.capabilities import Capabilities
from inlay.engines.interface import Painting, Progress, Scene
from inlay.engines.models.catalog import ModelEntry
from inlay.engines.models.remote_families import GEMINI_SHAPES, REMOTE_FAMILIES
from inlay.engines.remote.buying import Till, parsed
from inlay.engines.remote.framing import frame_for, padded, padded_mask
from inlay.engines.remote.images_api import unpacked
from inlay.engines.remote.instructions import instruction
from inlay.engines.remote.keys import Key, key_of
from inlay.engines.remote.pictures import pixels_of, png_of
from inlay.engines.remote.receipts import Sent, notes_of, references_of
from inlay.engines.remote.wire import Request, Wire
from inlay.errors import BadAnswer, Declined
from inlay.recipe import Recipe

SIZES = ((1_500_000, "1K"), (6_000_000, "2K"))
"""Up to so many pixels a picture is asked for at this size; beyond, at 4K."""

FINE = ("STOP", "MAX_TOKENS", "")


def engine_of(entry: ModelEntry) -> "Gemini":
    """The engine that asks the model of `entry`."""
    return Gemini(entry)


class Gemini:
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
        framing = REMOTE_FAMILIES[self._entry.family].framing_of(remote)
        frame = frame_for(scene.size, framing)
        ratio = GEMINI_SHAPES[framing.shape_for(scene.size)]
        picture = png_of(padded(scene.pixels, frame))
        references = references_of(scene, remote.references)
        words = instruction(recipe, padded_mask(scene.mask, frame), masked=False)
        sent = Sent(self._entry, recipe, frame, picture, b"", references)
        till = Till(self._wire, remote.to)
        parts = [*(_part(file) for file in (picture, *references)), {"text": words}]
        for number in range(recipe.sampling.count):
            seed = recipe.sampling.seed_of(number)
            body = {
                "contents": [{"role": "user", "parts": parts}],
                "generationConfig": self._config(seed, ratio, frame.size.area),
            }
            answer = till.buy(self._request(key, body), key, f"{seed}", progress)
            found = parsed(answer.body)
            pixels = pixels_of(_last_picture(found, remote.to, key))
            progress.step(number + 1, recipe.sampling.count, "painting")
            receipt = {**sent.receipt, **_told(found)}
            yield Painting(number, seed, pixels, notes_of(remote, recipe, scene), receipt, frame=frame)

    def _request(self, key: Key, body: Any) -> Request:
        headers = {"x-goog-api-key": key.reveal()} if key else {}
        return Request("POST", f"/v1/models/{self._remote.model}:generateContent", headers, json=body)

    def _config(self, seed: int, ratio: str, area: int) -> dict[str, Any]:
        size = next((name for most, name in SIZES if area <= most), "4K")
        config: dict[str, Any] = {
            "responseModalities": ["IMAGE"],
            "candidateCount": 1,
            "imageConfig": {"aspectRatio": ratio, "imageSize": size} | dict(self._remote.further),
        }
        if self._remote.seed_field:
            config[self._remote.seed_field] = seed % 2**31
        return config


def _part(png: bytes) -> dict[str, Any]:
    return {"inlineData": {"mimeType": "image/png", "data": base64.b64encode(png).decode()}}


def _last_picture(found: dict[str, Any], to: str, key: Key) -> bytes:
    """The last picture that is no thought. Raises Declined where the model would not, BadAnswer where nothing came."""
    feedback = found.get("promptFeedback")
    if isinstance(feedback, dict) and feedback.get("blockReason"):
        more = str(feedback.get("blockReasonMessage", ""))
        raise Declined(f"{to} declines what was asked: {feedback['blockReason']} {key.hidden_in(more)[:200]}".rstrip())
    candidates = found.get("candidates")
    first = candidates[0] if isinstance(candidates, list) and candidates else None
    if not isinstance(first, dict):
        raise BadAnswer("the answer holds no picture")
    content = first.get("content")
    parts = content.get("parts") if isinstance(content, dict) else None
    shown = [part for part in (parts or ()) if isinstance(part, dict) and not part.get("thought")]
    held = [part.get("inlineData") or part.get("inline_data") for part in shown]
    pictures = [
        one["data"] for one in held if isinstance(one, dict) and isinstance(one.get("data"), str) and one["data"]
    ]
    if pictures:
        return unpacked(pictures[-1])
    reason, more = str(first.get("finishReason", "")), str(first.get("finishMessage", ""))
    text = " ".join(str(part["text"]) for part in shown if part.get("text"))
    if reason not in FINE or text:
        told = " ".join(f"{'' if reason in FINE else reason} {more or text}".split())
        raise Declined(f"{to} declines what was asked: {key.hidden_in(told)[:300]}")
    raise BadAnswer("the answer holds no picture")


def _told(found: dict[str, Any]) -> dict[str, str]:
    """What the answer says of itself, for the receipt."""
    usage = found.get("usageMetadata")
    tokens = usage if isinstance(usage, dict) else {}
    told = {
        name: str(tokens[name]) for name in ("promptTokenCount", "totalTokenCount") if isinstance(tokens.get(name), int)
    }
    told |= {name: str(found[name])[:120] for name in ("responseId", "modelVersion") if found.get(name)}
    return told
