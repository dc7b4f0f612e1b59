"""How often calls were refused since this process started, by the type of the error."""

import re
from collections import Counter

from inlay.errors import InlayError
from inlay.hindrances import hindrance_of

REFUSED: Counter[str] = Counter()
"""`quota_exceeded`, `invalid_input` and so on; `unforeseen` for what Inlay did not raise on purpose."""


def count(error: Exception) -> None:
    """A call is refused."""
    kind = hindrance_of(error) or error
    name = (
        re.sub(r"(?<!^)(?=[A-Z])", "_", type(kind).__name__).lower() if isinstance(kind, InlayError) else "unforeseen"
    )
    REFUSED[name] += 1
