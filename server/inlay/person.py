"""Who asks: a person of the studio, and how much of others' work they see."""

import enum
import unicodedata
from dataclasses import dataclass


class Role(enum.StrEnum):
    """What a person is in the studio."""

    ARTIST = "artist"
    """Sees their own work."""
    LEAD = "lead"
    """Sees their projects' work, whoever's it is."""
    ADMIN = "admin"
    """Sees what is going on, and of others' work neither pixels nor words."""


class Sight(enum.IntEnum):
    """How much of a job or a review somebody sees; each sees what those before it see."""

    NOTHING = 0
    """It does not exist for them."""
    OUTLINE = 1
    """That it is there, whose it is and where it stands."""
    WHOLE = 2


@dataclass(frozen=True)
class Person:
    """Somebody who has a token, or whom the studio's proxy has signed in."""

    name: str
    role: Role = Role.ARTIST
    projects: tuple[str, ...] = ()
    """The first is the one that their new jobs count to."""

    @property
    def project(self) -> str:
        """What their new jobs count to; empty where that is none."""
        return next(iter(self.projects), "")

    @property
    def led(self) -> tuple[str, ...]:
        """The projects all of whose work they see."""
        return self.projects if self.role is Role.LEAD else ()

    def sight(self, name: str, project: str) -> Sight:
        """How much they see of what belongs to the person `name` and a project (empty: to none)."""
        if name == self.name or project in self.led:
            return Sight.WHOLE
        return Sight.OUTLINE if self.role is Role.ADMIN else Sight.NOTHING


@dataclass(frozen=True)
class Principal:
    """Who calls: a person, or a reviewer by a link."""

    person: Person
    token_id: str = ""
    """Of a person's token; empty for the owner, for reviewers, and for whom a proxy signed in."""
    link: str = ""
    """The reviewer's token; empty for people."""


NOBODY = Person("")
"""Who has a review link is no person of the studio: no person is called so, and nothing is theirs."""

OWNER = Person("owner", Role.ADMIN)
"""Whoever shows the server's own token, or needs none: the one person of a single desk. What was there before there were
people belongs to them."""


def compared(name: str) -> str:
    """A person's name as it is compared with others: mail addresses come in any case."""
    return unicodedata.normalize("NFC", name.strip()).casefold()
