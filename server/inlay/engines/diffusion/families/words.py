"""What a model is told."""

from typing import NamedTuple


class Words(NamedTuple):
    """prompt: what should be there. unwanted: the negative prompt. skip: last text encoder layers to leave out."""

    prompt: str
    unwanted: str = ""
    skip: int = 0
