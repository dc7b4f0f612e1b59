"""Words that fit the model: what each family is told for a verb, and what never changes."""

# pyright: reportUnusedImport=false, reportAttributeAccessIssue=false
# compel's parser does not say its types.

import pytest
from compel import CompelForSD  # noqa: F401 - the families that heed weights speak through it
from compel.prompt_parser import PromptParser

from inlay.engines.models.diffusion_families import DIFFUSION
from inlay.engines.models.video_families import BY_DIFFUSERS
from inlay.engines.wording import told
from inlay.engines.wording.manner import families, joined
from inlay.engines.wording.syntax import WAYS, as_compel, weighs, without_weights
from inlay.recipe import Style, Verb, Words

VERBS = [(name, verb) for name, facts in DIFFUSION.items() for verb in sorted(facts.verbs)]
SCENES = [name for name, row in families().items() if row["manner"] == "scene"]
ORDERS = [name for name, row in families().items() if row["manner"] == "orders"]
WARM = Style("warm", prompt_before="a photo of", prompt_after="golden light", negative_prompt="fog")


def prompt(family: str, verb: str, words: str, style: Style | None = None) -> str:
    return told(family, verb, Words(words), style).prompt


def test_every_family_says_how_it_likes_to_be_told_and_where_that_stands() -> None:
    assert set(families()) == set(BY_DIFFUSERS)
    for name, row in families().items():
        assert row["source"].startswith("https://"), name


@pytest.mark.parametrize(("family", "verb"), VERBS)
def test_what_was_said_is_told_but_where_naming_it_would_bring_it_back(family: str, verb: str) -> None:
    said = prompt(family, verb, "a brass lamp")
    if verb == Verb.ERASE and family not in ORDERS:
        assert "lamp" not in said, "what is named appears"
    else:
        assert "brass lamp" in said


@pytest.mark.parametrize("family", SCENES)
def test_a_family_that_describes_gets_a_whole_sentence_about_the_scene(family: str) -> None:
    for verb in DIFFUSION[family].verbs & {Verb.FILL, Verb.ERASE, Verb.EXPAND, Verb.REPLACE_BACKGROUND}:
        said = prompt(family, verb, "a brass lamp")
        assert said.endswith(".")
        assert len(said.split()) > len(["a", "brass", "lamp"])


@pytest.mark.parametrize("family", ORDERS)
def test_a_family_that_edits_is_ordered_what_to_change_and_what_to_keep(family: str) -> None:
    assert prompt(family, Verb.ERASE, "the lamp").startswith("Remove the lamp")
    assert "keeping everything else unchanged" in prompt(family, Verb.ERASE, "")
    background = prompt(family, Verb.REPLACE_BACKGROUND, "a beach")
    assert background.startswith("Change the background to a beach")
    assert "keeping the subject" in background
    assert prompt(family, Verb.INSTRUCT, "make it red") == "make it red"


@pytest.mark.parametrize("family", ["sd15", "sdxl"])
def test_what_an_erase_names_goes_where_key_words_say_what_must_not_be(family: str) -> None:
    found = told(family, Verb.ERASE, Words("the lamp", "people"))
    assert found.negative_prompt == "the lamp, people"
    assert told(family, Verb.FILL, Words("a lamp")).prompt == "a lamp"


@pytest.mark.parametrize(("family", "verb"), VERBS)
def test_as_written_nothing_changes_whatever_the_family_the_verb_and_the_style(family: str, verb: str) -> None:
    text = "  (a lamp:1.3)++, BREAK  {prompt}."
    found = told(family, verb, Words(text, " fog ", raw=True), WARM, weighs=True)
    assert (found.prompt, found.negative_prompt) == (text, " fog ")


@pytest.mark.parametrize("family", DIFFUSION)
def test_who_writes_much_is_left_alone(family: str) -> None:
    long = "A brass lamp on a walnut desk, " * 10
    assert prompt(family, Verb.FILL, long) == long.strip()


def test_a_style_stands_around_the_words_and_is_worked_into_the_sentence() -> None:
    assert prompt("sdxl", Verb.FILL, "a lamp", WARM) == "a photo of a lamp, golden light"
    assert "a photo of a lamp, golden light" in prompt("flux2_klein", Verb.FILL, "a lamp", WARM)
    assert "golden" not in prompt("flux_kontext", Verb.ERASE, "the lamp", WARM), "it is no look of what goes"
    assert told("sdxl", Verb.FILL, Words("a lamp", "people"), WARM).negative_prompt == "people, fog"


def test_braces_of_the_retouchers_own_stay_as_they_are() -> None:
    assert "{x} lamp" in prompt("flux2_klein", Verb.FILL, "{x} lamp")


@pytest.mark.parametrize(
    ("first", "second", "whole"),
    [
        ("a kite", "grain", "a kite, grain"),
        ("a kite,", "grain", "a kite, grain"),
        ("a kite", ", grain", "a kite, grain"),
        ("a kite", ". grain", "a kite. grain"),
        ("(a kite", ":1.2)", "(a kite:1.2)"),
        ("", ", grain", "grain"),
        ("a kite", "", "a kite"),
    ],
)
def test_parts_of_a_prompt_are_joined_with_what_belongs_between_them(first: str, second: str, whole: str) -> None:
    assert joined(first, second) == whole


@pytest.mark.parametrize(
    ("written", "compel", "bare"),
    [
        ("a (red:1.3) kite", "a (red)1.3 kite", "a red kite"),
        ("((red:1.2) kite:1.1)", "((red)1.2 kite)1.1", "red kite"),
        ("a (red)++ kite", "a (red)++ kite", "a red kite"),
        ("(the kite:.5), (sea: 2)", "(the kite).5, (sea)2", "the kite, sea"),
        ("at 10:30 (noon: almost)", "at 10:30 (noon: almost)", "at 10:30 (noon: almost)"),
        ("a \\(red:1.3) kite", "a \\(red:1.3) kite", "a \\(red:1.3) kite"),
    ],
)
def test_weights_as_a1111_writes_them_are_read(written: str, compel: str, bare: str) -> None:
    assert as_compel(written) == compel
    assert without_weights(written) == bare
    assert told("sdxl", Verb.FILL, Words(written), weighs=True).prompt == compel
    assert told("qwen_image", Verb.GENERATE, Words(f"{written} " + "very " * 30)).prompt.startswith(bare)


@pytest.mark.parametrize(("written", "weight"), [("a (red:1.3) kite", 1.3), ("a (red:0.4) kite", 0.4)])
def test_compels_own_parser_reads_the_weight_that_was_meant(written: str, weight: float) -> None:
    (parsed,) = PromptParser().parse_conjunction(as_compel(written)).prompts
    assert [(part.text, part.weight) for part in parsed.children if part.weight != 1] == [("red", weight)]


def test_every_way_of_writing_that_a_panel_explains_is_one_that_is_heeded() -> None:
    for way in WAYS:
        assert weighs(way.written)
        assert weighs(f"{way.before}kite{way.after}"), "and what it puts around a word is"
        if way.id != "blend":
            (parsed,) = PromptParser().parse_conjunction(as_compel(f"{way.before}kite{way.after}")).prompts
            assert any(part.text == "kite" and part.weight != 1 for part in parsed.children)
