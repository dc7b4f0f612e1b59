"""The studio's styles: a file that people edit and programs write, and nobody loses anything to the other."""

import multiprocessing
import os
import threading
import tomllib
from pathlib import Path

import pytest

from inlay.errors import InvalidInput, NotFound, StyleConflict
from inlay.recipe import Lora, NamedColor, Style, TypeStyle
from inlay.styles import StyleBook

BY_HAND = """\
# The house look. Ask Mia before you change it.
version = 1

# for the catalogue
[styles.packshot]
title = "Packshot"   # as the menu has it
prompt_after = \"\"\"soft box light,
[styles.nobody]
seamless white\"\"\"
strength = 0.8
# greens were measured on the label
colors = [
  { name = "Brand green", color = "#00A651" },
  { name = "Paper", color = "lab(96, 0, 2)" },
]

[styles.packshot.models]
final = "big"

# for the blog
[styles."evening"]
prompt_before = "photograph of"
"""


@pytest.fixture
def book(tmp_path: Path) -> StyleBook:
    return StyleBook(tmp_path / "styles.toml")


@pytest.fixture
def edited(book: StyleBook) -> StyleBook:
    book.path.write_text(BY_HAND, encoding="utf-8")
    return book


def test_a_studio_without_a_file_has_no_styles(book: StyleBook) -> None:
    assert book.styles() == ()
    with pytest.raises(NotFound, match="packshot"):
        book.style("packshot")


def test_what_was_saved_is_what_is_read(book: StyleBook) -> None:
    whole = Style(
        "whole",
        title="All “of” it",
        prompt_before="photo of",
        prompt_after='say "hi" \\ [x]',
        negative_prompt="blur",
        loras=(Lora("film.safetensors", "a" * 64, 0.7),),
        models={"draft": "small", "final": "big"},
        strength=0.35,
        colors=(NamedColor("Rot", "lab(53, 80, 67)"), NamedColor("Paper", "document(1, 1, 0.98)")),
        type=TypeStyle("Inter", 12, 48),
    )
    saved = book.save(whole)
    assert StyleBook(book.path).style("whole") == saved
    assert tomllib.loads(book.path.read_text())["styles"]["whole"]["loras"][0]["weight"] == 0.7


def test_a_style_written_by_hand_has_what_stands_there(edited: StyleBook) -> None:
    style = edited.style("packshot")
    assert (style.title, style.strength, style.models) == ("Packshot", 0.8, {"final": "big"})
    assert [one.name for one in style.colors] == ["Brand green", "Paper"]
    assert [one.id for one in edited.styles()] == ["packshot", "evening"]


def test_a_change_of_one_style_leaves_every_other_line_as_it_is(edited: StyleBook) -> None:
    before = edited.style("packshot")
    edited.save(Style("packshot", title="Packshot", prompt_after="hard light"), before.sha256)
    lines = edited.path.read_text().splitlines()
    assert [line for line in lines if line.startswith("#")] == [
        line for line in BY_HAND.splitlines() if line.startswith("#")
    ], "every comment is still there, in its order"
    assert lines[-3:] == BY_HAND.splitlines()[-3:]
    assert edited.style("packshot").prompt_after == "hard light"
    assert edited.style("packshot").colors == ()


def test_a_new_style_goes_behind_what_is_there(edited: StyleBook) -> None:
    edited.save(Style("night", prompt_after="at night"))
    assert edited.path.read_text().startswith(BY_HAND.rstrip())
    assert [one.id for one in edited.styles()] == ["packshot", "evening", "night"]


def test_a_style_that_nobody_but_a_person_could_change_is_refused_and_stays(book: StyleBook) -> None:
    text = '[styles]\nodd = { title = "Odd" }\n'
    book.path.write_text(text)
    with pytest.raises(InvalidInput, match="by hand"):
        book.save(Style("odd", title="Even"), book.style("odd").sha256)
    assert book.path.read_text() == text


def test_the_file_is_read_again_as_soon_as_it_is_another(edited: StyleBook) -> None:
    assert edited.style("evening").prompt_before == "photograph of"
    edited.path.write_text(BY_HAND.replace("photograph of", "painting of"))
    assert edited.style("evening").prompt_before == "painting of"


def test_a_version_is_what_a_style_holds_and_not_what_it_is_called(book: StyleBook) -> None:
    first = book.save(Style("one", title="One", prompt_after="x"))
    renamed = book.save(Style("one", title="First", prompt_after="x"), first.sha256)
    assert renamed.sha256 == first.sha256
    changed = book.save(Style("one", title="First", prompt_after="y"), first.sha256)
    assert changed.sha256 != first.sha256


def test_nobody_takes_the_place_of_a_style_that_they_did_not_see(book: StyleBook) -> None:
    first = book.save(Style("one", prompt_after="mine"))
    with pytest.raises(StyleConflict):
        book.save(Style("one", prompt_after="yours"))
    second = book.save(Style("one", prompt_after="better"), first.sha256)
    with pytest.raises(StyleConflict) as refused:
        book.save(Style("one", prompt_after="late"), first.sha256)
    assert refused.value.sha256 == second.sha256
    assert book.style("one").prompt_after == "better"


def _save(path: Path, number: int) -> None:
    book = StyleBook(path)
    for turn in range(8):
        book.save(Style(f"of-{number}-{turn}", prompt_after=f"words {number} {turn}"))


@pytest.mark.slow
def test_whoever_saves_at_the_same_time_loses_nothing(edited: StyleBook) -> None:
    spawned = [multiprocessing.get_context("spawn").Process(target=_save, args=(edited.path, at)) for at in range(2)]
    threads = [threading.Thread(target=_save, args=(edited.path, at)) for at in range(2, 4)]
    for one in (*spawned, *threads):
        one.start()
    for one in (*spawned, *threads):
        one.join()
    found = {one.id: one.prompt_after for one in edited.styles()}
    assert len(found) == 2 + 4 * 8
    assert all(found[f"of-{at}-{turn}"] == f"words {at} {turn}" for at in range(4) for turn in range(8))
    assert edited.path.read_text().startswith(BY_HAND.rstrip())


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        ("[styles.a]\ntitle = 'x'\nstrength = 3\n", 3, "styles.a.strength"),
        ("[styles.a]\ntitle = 'x'\n\n[styles.b]\nstrenght = 1\n", 5, "styles.b.strenght"),
        ("[styles.a]\nprompt_after = 7\n", 2, "styles.a.prompt_after"),
        ("[styles.a]\ncolors = [\n  { name = 'x', color = 'greenish' },\n]\n", 2, "styles.a.colors[0].color"),
        ("[styles.a]\nprompt_after = '''\nstrength = 1\n'''\nstrength = 'much'\n", 5, "styles.a.strength"),
        ("[styles.a]\n[styles.a.models]\nfast = 'x'\n", 3, "styles.a.models.fast"),
        ("[styles.a]\nloras = [{ weight = 1 }]\n", 2, "styles.a.loras[0].name"),
        ("[styles.a]\n[styles.a.type]\nleast_px = 20\nmost_px = 10\n", 4, "styles.a.type.most_px"),
        ("[styles.a]\n[[styles.a.references]]\nrole = 'draft'\n", 2, "styles.a.references[0]"),
        ("[styles.'A b']\ntitle = 'x'\n", 1, "styles.A b.id"),
        ("[styles.a]\ntitle = \n", 2, "TOML"),
        ("[style.a]\ntitle = 'x'\n", 0, "style"),
    ],
)
def test_what_is_wrong_is_named_by_line_and_key(book: StyleBook, text: str, line: int, key: str) -> None:
    book.path.write_text(text)
    with pytest.raises(InvalidInput) as wrong:
        book.styles()
    assert key in wrong.value.message
    assert not line or f"line {line}" in wrong.value.message


def test_a_file_that_is_wrong_is_never_written(book: StyleBook) -> None:
    book.path.write_text("[styles.a]\nstrength = 3\n")
    with pytest.raises(InvalidInput, match="line 2"):
        book.save(Style("b"))
    assert book.path.read_text() == "[styles.a]\nstrength = 3\n"
    book.path.write_text("[styles.a]\nstrength = 0.3\n")
    assert book.save(Style("b")).id == "b"


def test_a_name_is_made_of_a_title_and_never_twice(book: StyleBook) -> None:
    assert book.new_id("Warm evening, grain!") == "warm-evening-grain"
    book.save(Style("warm-evening-grain"))
    assert book.new_id("Warm evening, grain!") == "warm-evening-grain-2"
    assert book.new_id("夜") == "style"


def test_bytes_that_are_no_text_are_told(book: StyleBook) -> None:
    book.path.write_bytes(b"\xff\xfe")
    with pytest.raises(InvalidInput, match="UTF-8"):
        book.styles()
    assert os.listdir(book.path.parent) == ["styles.toml"]
