"""What a model that reads instructions is told of the pictures that go along: which is there for what.

Pictures are named by their number, as the makers' guides do: of FLUX.2 (docs.bfl.ai/guides/prompting_editing_overview), of
Qwen-Image-Edit (alibabacloud.com/help/en/model-studio/qwen-image-edit-guide), of OpenAI's and Google's image models.
"""

import tomllib
from collections.abc import Iterable
from functools import cache
from importlib import resources


@cache
def _sentences() -> dict[str, str]:
    return tomllib.loads((resources.files("inlay.engines") / "purposes.toml").read_text("utf-8"))


def told(prompt: str, roles: Iterable[str], first: int) -> str:
    """`prompt` with a sentence for each picture whose role says what it is for. first: the number of the first one.

    A plain reference is left to the prompt.
    """
    sentences = _sentences()
    said = [sentences[role].format(number=number) for number, role in enumerate(roles, first) if role in sentences]
    if not said:
        return prompt
    ended = prompt if not prompt or prompt.endswith((".", "!", "?")) else f"{prompt}."
    return " ".join([ended, *said] if ended else said)
