"""The server's own sentences, made from its measurements: what an edit will cost."""

from inlay.forms.catalogue import Catalogue


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
