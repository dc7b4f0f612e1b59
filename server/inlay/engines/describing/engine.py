"""Says what lies around a selection, with a model of vision and language of the user's that runs here and nowhere else.

https://huggingface.co/docs/transformers/tasks/image_text_to_text.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from inlay.capabilities import Capabilities
from inlay.engines.canvas import continued
from inlay.engines.diffusion.folders import network_of
from inlay.engines.diffusion.processors import processor_of
from inlay.engines.interface import Mask, Progress, Scene
from inlay.engines.models.cache import ModelCache
from inlay.engines.models.catalog import ModelEntry, check_unchanged
from inlay.engines.models.describer_families import DESCRIBERS
from inlay.errors import Unsupported
from inlay.recipe import Recipe

MOST_TOKENS = 96
MOST_WORDS = 60
"""What is longer is cut: it would outweigh what the retoucher wrote."""

NOTHING_SAID = "The model said nothing of what lies around the selection."


class Speaker(NamedTuple):
    """A model in memory with what makes its input. bytes: of its weights."""

    network: Any
    processor: Any
    bytes: int


def engine_of(entry: ModelEntry, models: ModelCache) -> Describing:
    """The model that `entry` names, whose weights share a device's memory with all other models."""
    return Describing(entry, models)


class Describing:
    """Answers with the selection as it is, and words: a note, and what it suggests for `words.surroundings`."""

    def __init__(self, entry: ModelEntry, models: ModelCache) -> None:
        self._entry, self._models = entry, models

    def capabilities(self) -> Capabilities:
        return DESCRIBERS[self._entry.family].capabilities_of(self._entry)

    def paint(self, scene: Scene, recipe: Recipe, progress: Progress) -> Iterator[Mask]:
        """One mask for each variation, with the same words.

        Raises InvalidInput for files that are no such model, FilesChanged, Unsupported where a library is missing, Cancelled.
        """
        speaker = self._models.get(self._entry, lambda: self._loaded(progress), progress.check)
        progress.check()
        words = trimmed(said(speaker, around(scene)))
        receipt = {"model": self._entry.id, "model_sha256": self._entry.sha256}
        suggested = {"words.surroundings": words} if words else {}
        note = f"Around the selection: {words}" if words else NOTHING_SAID
        for variation in range(recipe.sampling.count):
            yield Mask(variation, recipe.sampling.seed_of(variation), scene.mask, (note,), receipt, suggested=suggested)

    def _loaded(self, progress: Any) -> Speaker:
        from transformers import AutoConfig, AutoModelForImageTextToText

        if loading := getattr(progress, "loading", None):
            loading(self._entry.id)
        check_unchanged(self._entry)
        place = self._entry.location
        config: Any = AutoConfig.from_pretrained(str(place), local_files_only=True, trust_remote_code=False)
        kind: Any = AutoModelForImageTextToText._model_mapping[type(config)]  # pyright: ignore[reportPrivateUsage, reportUnknownMemberType]
        dtype = torch.float32 if self._models.device == "cpu" else torch.bfloat16
        network = network_of(kind, place, dtype).eval().to(self._models.device)
        weights = sum(weight.numel() * weight.element_size() for weight in network.parameters())
        return Speaker(network, _processor_of(place, str(config.model_type)), weights)


def around(scene: Scene) -> NDArray[np.uint8]:
    """What a model is shown, height x width x 3, sRGB: the light of the surroundings where the mask is open, never what is there.

    What is named to a model that paints appears: of what shall go, no word may come.
    """
    kept = (scene.mask <= 0) & scene.known
    return np.round(np.clip(continued(scene.pixels, kept), 0, 1) * 255).astype(np.uint8)


@torch.no_grad()
def said(speaker: Speaker, pixels: NDArray[np.uint8]) -> str:
    """What a model says of a picture, height x width x 3: always the same, word by word the likeliest."""
    network, processor = speaker.network, speaker.processor
    speaks_tasks = bool(getattr(network.config, "is_encoder_decoder", False))
    asked = _questions()["task"] if speaks_tasks else _asked(processor)
    given = processor(images=[Image.fromarray(pixels)], text=[asked], return_tensors="pt").to(network.device)
    given = {name: one.to(network.dtype) if one.is_floating_point() else one for name, one in given.items()}
    found = network.generate(**given, max_new_tokens=MOST_TOKENS, do_sample=False)
    answer = found if speaks_tasks else found[:, given["input_ids"].shape[1] :]
    return processor.batch_decode(answer, skip_special_tokens=True)[0]


def trimmed(words: str) -> str:
    """In one line, without what follows a blank one; at most `MOST_WORDS` words, ended where a sentence ends."""
    told = " ".join(words.strip().partition("\n\n")[0].split()).strip("\"' ")
    kept = told.split(" ")[:MOST_WORDS]
    cut = " ".join(kept)
    whole = cut.rfind(". ") + 1 if len(kept) == MOST_WORDS and not cut.endswith(".") else 0
    return cut[:whole] if whole else cut


@cache
def _questions() -> dict[str, str]:
    return tomllib.loads((resources.files("inlay.engines.describing") / "asked.toml").read_text("utf-8"))


def _asked(processor: Any) -> str:
    turn = [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": _questions()["asked"]}]}]
    return processor.apply_chat_template(turn, add_generation_prompt=True, tokenize=False)


def _processor_of(place: Path, kind: str) -> Any:
    """What makes a model's input. Qwen's own wants torchvision for films, which nobody shows it."""
    import transformers

    try:
        if kind in ("qwen2_vl", "qwen2_5_vl"):
            return processor_of(
                getattr(transformers, "Qwen2VLProcessor" if kind == "qwen2_vl" else "Qwen2_5_VLProcessor"), place
            )
        if kind == "qwen3_vl":
            return processor_of(transformers.Qwen3VLProcessor, place)
        return transformers.AutoProcessor.from_pretrained(str(place), local_files_only=True, trust_remote_code=False)
    except ImportError as error:
        reason = str(error).strip().partition("\n")[0]
        raise Unsupported(f"{place.name} needs a library to read pictures: {reason}", field="model") from error
