"""From nothing to a first picture, in words: what a panel's setup page and `inlay setup` show."""

from typing import NamedTuple

from inlay.engines.models.carriers import EYES
from inlay.engines.models.scan import Found
from inlay.engines.models.setup import Setup
from inlay.forms.catalogue import Catalogue

GIB = 2**30


class Line(NamedTuple):
    """A sentence. command: what to type on the server's machine; empty where it asks for nothing."""

    text: str
    command: str = ""


class Section(NamedTuple):
    title: str
    lines: tuple[Line, ...]


def sections_of(setup: Setup, words: Catalogue) -> tuple[Section, ...]:
    """This machine, its models, what would run well, where it goes, the first picture: in the order of doing."""
    parts = {
        "machine": _machine(setup, words),
        "models": _models(setup, words),
        "advice": _advice(setup, words),
        "eyes": _eyes(setup, words),
        "place": (
            Line(words.say("setup.place.pulled", folder=setup.models_file.parent / "models"), "inlay models add PATH"),
        ),
        "first": (
            Line(words.say("setup.first.krita"), "inlay krita install"),
            Line(words.say("setup.first.file"), "inlay edit photo.png --mask mask.png --verb erase --out out.ora"),
        ),
    }
    return tuple(Section(words.say(f"setup.{name}.title"), tuple(lines)) for name, lines in parts.items())


def described(found: Found, words: Catalogue) -> str:
    """A model in one line: family, precision, size, memory, licence."""
    memory = (
        words.find(f"model.memory.{found.memory.value}") if found.memory.value else words.say("setup.memory_unknown")
    )
    commercial = found.licence.commercial
    allowed = words.say(f"model.commercial.{commercial.value}") if commercial.value else words.say("setup.read_licence")
    title = " / ".join(found.families) if len(found.families) > 1 else found.title
    return words.say(
        "setup.model",
        title=title,
        precision=found.precision,
        gigabytes=f"{found.bytes / 1e9:.1f}",
        memory=memory,
        licence=found.licence.id or words.say("setup.licence_unknown"),
        allowed=allowed,
    )


def _machine(setup: Setup, words: Catalogue) -> list[Line]:
    card, main = round(setup.machine.card / GIB), round(setup.machine.main / GIB)
    lines = [Line(words.say("setup.machine.card" if card else "setup.machine.none", card=card, main=main))]
    if setup.lacking:
        lines.append(Line(words.say("setup.machine.lacking"), "pip install '.[diffusion]'"))
    return [*lines, Line(words.say("setup.machine.free"), "inlay demo")]


def _models(setup: Setup, words: Catalogue) -> list[Line]:
    lines = [
        Line(f"{one.id}: {words.translated(one.lacks) or words.say('setup.models.ready')}") for one in setup.models
    ]
    lines += [Line(f"{one.path}: {described(one, words)}") for one in setup.found]
    folders = " ".join(f'"{path}"' for path in setup.folders)
    if setup.found:
        lines.append(Line(words.say("setup.models.take"), f"inlay models scan --add {folders}"))
    if setup.unready:
        lines.append(Line(words.say("setup.models.unready", count=setup.unready), f"inlay models scan {folders}"))
    if not lines:
        looked = ", ".join(str(path) for path in setup.folders)
        said = words.say("setup.models.looked", folders=looked) if looked else words.say("setup.models.nowhere")
        lines.append(Line(said, "inlay models scan FOLDER"))
    return lines


def _advice(setup: Setup, words: Catalogue) -> list[Line]:
    if not setup.would_run:
        return [Line(words.say("setup.advice.too_small" if setup.machine.card else "setup.advice.no_card"))]
    return [
        Line(
            words.say("setup.advice.one", title=one.title, gigabytes=round(one.bytes / 1e9), licence=one.licence),
            f"inlay models pull {one.repository}",
        )
        for one in setup.would_run
    ]


def _eyes(setup: Setup, words: Catalogue) -> list[Line]:
    """Each small network with what it helps, and one command for all that are not here yet."""
    lines = [
        Line(
            words.say(
                "setup.eyes.one",
                name=eye.name,
                helps=words.say(f"setup.eyes.{eye.name}"),
                megabytes=f"{eye.kept_bytes / 1e6:.0f}",
                licence=eye.licence,
                ready=words.say("setup.models.ready") if here else words.say("setup.eyes.lacking"),
            )
        )
        for eye, here in setup.eyes
    ]
    missing = [eye.name for eye, here in setup.eyes if not here]
    wanted = [EYES] if len(missing) == len(setup.eyes) else missing
    if missing:
        lines.append(Line(words.say("setup.eyes.pull"), f"inlay models pull {' '.join(wanted)}"))
    return lines
