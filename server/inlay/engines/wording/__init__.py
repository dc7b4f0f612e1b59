"""From a retoucher's few words, a verb and a style to what a model is told, as its makers publish it."""

from inlay.engines.wording.manner import FIX_PROMPTS, styled_words, told

__all__ = ["FIX_PROMPTS", "styled_words", "told"]
