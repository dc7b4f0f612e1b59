"""The server's own sentences: what an edit will cost, and what its result is named."""

from inlay.forms.catalogue import Catalogue
from inlay.recipe import Verb
from inlay.region import Size

MAX_TITLE = 60
"""Characters."""


def cost_of(words: Catalogue, estimate_s: float | None, scale: float, queue_length: int) -> str:
    """One line: how long an edit takes, and how sharp it becomes. `after 2 other edits, about 14 s, full sharpness`.

    estimate_s: seconds of work; None while nothing was measured. scale: working pixels per document pixel. queue_length:
    jobs before it.
    """
    said = [words.count("server.before", queue_length)] if queue_length else []
    if estimate_s is not None:
        said.append(words.say("server.seconds", seconds=max(1, round(estimate_s))))
    percent = int(100 * scale)
    said.append(words.say("server.soft", percent=percent) if percent < 100 else words.say("server.full"))
    return ", ".join(said)


def price_of(words: Catalogue, amount: float, currency: str, as_of: str) -> str:
    """`0.07 USD (2026-11)`: amount in `currency`, as it was looked up then. Empty for an amount of 0."""
    if not amount:
        return ""
    return words.say(
        "server.price", amount=f"{amount:.2f}" if amount >= 0.1 else f"{amount:.2g}", currency=currency, date=as_of
    )


def leaving_of(words: Catalogue, size: Size, references: int, to: str, price: str) -> str:
    """One line: how many pixels an edit sends, to whom, at what price. `sends 1024 x 768 px to example.org`."""
    what = words.say("server.sent_window", width=size.width, height=size.height)
    if references:
        what = words.count("server.sent_references", references, window=what)
    return words.say("server.sends_priced" if price else "server.sends", what=what, to=to, price=price)


def title_of(words: Catalogue, verb: str, prompt: str, target_color: str) -> str:
    """What the result of a recipe is named: its prompt, or else its verb."""
    prompt = " ".join(prompt.split())
    if prompt:
        return prompt if len(prompt) <= MAX_TITLE else prompt[: MAX_TITLE - 1] + "…"
    title = words.find(f"verb.{verb}.title") or verb.replace("_", " ")
    return words.say("server.recolored", verb=title, color=target_color) if verb == Verb.RECOLOR else title
