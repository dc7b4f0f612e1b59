"""What a newcomer reads: what is here, what would run well, what to type; in their language."""

from pathlib import Path

import pytest

from inlay.capabilities import Memory
from inlay.engines.models.memory_verdict import Machine
from inlay.engines.models.setup import Advice, Mine, Setup
from inlay.forms.catalogue import catalogues
from inlay.forms.setup import sections_of

GIB = 2**30
NOTHING = Setup(Machine(0, 32 * GIB), (), (), (), (), 0, (), (), Path("/data/models.toml"))
A_CARD = NOTHING._replace(
    machine=Machine(24 * GIB, 64 * GIB),
    lacking=("torch",),
    models=(Mine("my-sdxl", ""), Mine("lost", "/x is not there; bring it back, or run: inlay models remove lost")),
    would_run=(Advice("flux2_klein", "FLUX.2 klein", "bfl/klein", 16_000_000_000, "apache-2.0", Memory.FITS),),
)


def said(setup: Setup, locale: str = "en") -> dict[str, list[tuple[str, str]]]:
    sections = sections_of(setup, catalogues().speaking(locale))
    return {section.title: [(line.text, line.command) for line in section.lines] for section in sections}


def test_an_empty_machine_is_told_what_needs_no_model_and_where_to_look():
    told = said(NOTHING)
    assert list(told) == [
        "This machine",
        "Your models",
        "What would run well here",
        "Small networks that find and read",
        "Where it goes",
        "The first picture",
    ]
    assert "inlay demo" in [command for _, command in told["This machine"]]
    assert told["Your models"][0][1] == "inlay models scan FOLDER"
    assert told["What would run well here"] == [("Without a card no model paints in minutes", "")]


def test_what_was_found_and_is_not_ready_is_counted_with_how_to_learn_what_it_lacks():
    told = said(NOTHING._replace(folders=(Path("/comfy"), Path("/my models")), unready=2))
    assert told["Your models"] == [
        (
            "Found, but not ready: 2. What each of them lacks, by the name to look for",
            'inlay models scan "/comfy" "/my models"',
        )
    ]


def test_a_machine_with_a_card_is_told_what_to_install_to_pull_and_to_mend():
    told = said(A_CARD)
    assert ("To paint with models, in Inlay's folder", "pip install '.[diffusion]'") in told["This machine"]
    assert told["This machine"][0][0] == "A card with 24 GiB, 64 GiB of main memory"
    assert [text for text, _ in told["Your models"]] == [
        "my-sdxl: Ready",
        "lost: /x is not there; bring it back, or run: inlay models remove lost",
    ]
    assert told["What would run well here"] == [("FLUX.2 klein: 16 GB, apache-2.0", "inlay models pull bfl/klein")]
    assert "/data/models" in told["Where it goes"][0][0]


@pytest.mark.parametrize("setup", [NOTHING, A_CARD])
def test_a_german_reads_german_and_types_the_same(setup: Setup):
    english, german = said(setup), said(setup, "de")
    assert next(iter(german)) == "Dieser Rechner"
    commands = [[command for _, command in lines] for lines in english.values()]
    assert [[command for _, command in lines] for lines in german.values()] == commands
