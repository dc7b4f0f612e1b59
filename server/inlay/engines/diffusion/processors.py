"""What turns words and pictures into an encoder's input, without the parts that need torchvision, which Inlay does not install.

transformers has a processor load its part for films even where there are none, and refuses Pixtral's whole one; it looks at
pictures with torchvision where that is there, which gives other pixels.
"""

from functools import cache
from pathlib import Path
from typing import Any

WORDS_ALONE = ("PixtralProcessor",)
"""Processors of encoders that painting shows no picture: their tokenizer is enough."""


def processor_of(kind: Any, folder: Path) -> Any:
    """The processor of a class of transformers, from `folder`: for words and pictures in Qwen's way."""
    from transformers import AutoTokenizer
    from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

    words: Any = AutoTokenizer.from_pretrained(str(folder), local_files_only=True, trust_remote_code=False)
    looking = Qwen2VLImageProcessorPil.from_pretrained(str(folder), local_files_only=True)
    return without_films(kind)(image_processor=looking, tokenizer=words, chat_template=words.chat_template)


@cache
def without_films(kind: Any) -> Any:
    """The class of processors, whose part for films may be missing."""

    def unchecked(_: Any, __: str, argument: Any) -> Any:
        return type(argument)

    own = {"__module__": kind.__module__, "check_argument_for_proper_class": unchecked}
    return type(kind.__name__, (kind,), own)
