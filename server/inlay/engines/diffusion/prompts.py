"""Words to embeddings: through compel where it knows the encoders, plainly elsewhere, with a word about what was ignored.

How weights are written stands in `inlay.engines.wording.syntax`; prompts are of any length.
"""

import re
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor

from inlay.engines.diffusion.devices import execution_device
from inlay.engines.diffusion.families.words import Words
from inlay.engines.wording.syntax import weighs, without_weights

NO_WEIGHTS = "This model does not know weights in prompts: they were left out and the words taken as they are."
NO_NEGATIVE = "The negative prompt was not read: this model, as this tier uses it, has no place for one."
UNREADABLE = "The weights in the prompt could not be read, so it was taken as plain words: {reason}"


def unweighted(words: Words) -> tuple[Words, tuple[str, ...]]:
    """The words without weights, for encoders that compel does not know, and the note if there were any."""
    if not (weighs(words.prompt) or weighs(words.unwanted)):
        return words, ()
    return Words(without_weights(words.prompt), without_weights(words.unwanted), words.skip), (NO_WEIGHTS,)


def weighted_clip(components: Mapping[str, Any], words: Words) -> tuple[dict[str, Tensor], tuple[str, ...]]:
    """Embeddings of one CLIP encoder, wanted and unwanted of equal length (any multiple of 77 tokens)."""
    from compel import CompelForSD

    found, notes = _readable(CompelForSD(_encoders(components), device=device_of(components)), words)
    dtype = components["text_encoder"].dtype
    return {"prompt_embeds": found.embeds.to(dtype), "negative_prompt_embeds": found.negative_embeds.to(dtype)}, notes


def weighted_two_clips(components: Mapping[str, Any], words: Words) -> tuple[dict[str, Tensor], tuple[str, ...]]:
    """Embeddings of SDXL's two encoders, with the pooled ones of the second."""
    from compel import CompelForSDXL

    found, notes = _readable(CompelForSDXL(_encoders(components), device=device_of(components)), words)
    dtype = components["text_encoder_2"].dtype
    return {
        "prompt_embeds": found.embeds.to(dtype),
        "pooled_prompt_embeds": found.pooled_embeds.to(dtype),
        "negative_prompt_embeds": found.negative_embeds.to(dtype),
        "negative_pooled_prompt_embeds": found.negative_pooled_embeds.to(dtype),
    }, notes


def weighted_clip_and_t5(components: Mapping[str, Any], words: Words) -> tuple[dict[str, Tensor], tuple[str, ...]]:
    """Embeddings of FLUX.1's encoders: T5's, and CLIP's pooled ones."""
    from compel import CompelForFlux

    found, notes = _readable(CompelForFlux(_encoders(components), device=device_of(components)), words)
    dtype = components["text_encoder_2"].dtype
    return {"prompt_embeds": found.embeds.to(dtype), "pooled_prompt_embeds": found.pooled_embeds.to(dtype)}, notes


@torch.no_grad()
def _readable(compel: Any, words: Words) -> tuple[Any, tuple[str, ...]]:
    """What compel makes of the words; of the plain ones where it cannot read them, which it says by whatever it hits."""
    try:
        return compel(words.prompt, negative_prompt=words.unwanted), ()
    except Exception as error:
        plain = [_harmless(text) for text in (words.prompt, words.unwanted)]
        return compel(plain[0], negative_prompt=plain[1]), (UNREADABLE.format(reason=str(error).splitlines()[0]),)


def _harmless(text: str) -> str:
    """Words that compel's parser takes for nothing but words."""
    return re.sub(r"[()\[\]\"']|(?<=\w)[+-]{1,8}(?=\s|,|$)", " ", without_weights(text)).strip()


@torch.no_grad()
def skipped(components: Mapping[str, Any], words: Words) -> dict[str, Tensor]:
    """Embeddings of one CLIP encoder without its last `words.skip` layers, through its final norm.

    Pipelines' own `clip_skip` and compel's penultimate states look for `text_model`, which transformers 5.6 flattened.
    """
    tokenizer, encoder = components["tokenizer"], components["text_encoder"]
    norm = getattr(encoder, "text_model", encoder).final_layer_norm

    def encoded(text: str) -> Tensor:
        tokens = tokenizer(
            text, padding="max_length", max_length=tokenizer.model_max_length, truncation=True, return_tensors="pt"
        )
        states = encoder(tokens.input_ids.to(execution_device(encoder)), output_hidden_states=True).hidden_states
        return norm(states[-(words.skip + 1)])

    return {"prompt_embeds": encoded(words.prompt), "negative_prompt_embeds": encoded(words.unwanted)}


def _encoders(components: Mapping[str, Any]) -> Any:
    names = ("tokenizer", "text_encoder", "tokenizer_2", "text_encoder_2")
    return SimpleNamespace(**{name: components.get(name) for name in names})


def device_of(components: Mapping[str, Any]) -> str:
    return str(execution_device(components["text_encoder"]))
