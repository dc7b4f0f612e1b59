"""Every language says the same: the same keys, the same places, and every sentence that the server makes has its translation."""

import ast
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import inlay
from inlay.engines.registry import Registry
from inlay.fidelity.report import Registration, Surroundings, Trust, word_hints
from inlay.forms import Forms, catalogues
from inlay.forms.catalogue import Catalogue, places
from support.syntax import parsed

ROOT = Path(__file__).parents[3]
ROOMS = ("engines", "edit", "fidelity")
ELSEWHERE = {
    "intent.py": "is said to a model",
    "catalog.py": "stands in a file",
    "facts.py": "is the title of the classic engine",
    "brand.py": "is the end of a sentence",
    "report.py": "is said with what follows from it: test_what_fitting_says_is_translated",
}
"""What is not said to a person, or not alone."""

LANGUAGES = catalogues()
ENGLISH = LANGUAGES.speaking("en")
OTHERS = [LANGUAGES.speaking(locale) for locale in LANGUAGES.locales if locale != "en"]


def test_english_and_german_are_spoken():
    assert {"en", "de"} <= set(LANGUAGES.locales)


@pytest.mark.parametrize("locale", ["de", "de-AT", "de_CH", "DE-de"])
def test_an_austrian_gets_german(locale: str):
    assert LANGUAGES.speaking(locale).locale == "de"


@pytest.mark.parametrize("locale", ["", "en-GB", "xx", "C", "../de", "den"])
def test_who_speaks_another_language_gets_english(locale: str):
    assert LANGUAGES.speaking(locale).locale == "en"


@pytest.mark.parametrize("other", OTHERS, ids=lambda other: other.locale)
def test_a_language_has_the_same_keys_and_the_same_places(other: Catalogue):
    assert set(other.words) == set(ENGLISH.words)
    assert {key: places(text) for key, text in other.words.items()} == {
        key: places(text) for key, text in ENGLISH.words.items()
    }


@pytest.mark.parametrize("words", [ENGLISH, *OTHERS], ids=lambda words: words.locale)
def test_every_text_can_be_said(words: Catalogue):
    for key, text in words.words.items():
        assert text.strip() == text != "", key
        assert words.say(key, **dict.fromkeys(places(text), "7")), key


@pytest.mark.parametrize("words", [ENGLISH, *OTHERS], ids=lambda words: words.locale)
def test_no_two_actions_have_the_same_name(words: Catalogue):
    titles = [text for key, text in words.words.items() if key.startswith("action.") and key.endswith(".title")]
    titles += [text for key, text in words.words.items() if key.startswith("field.sampling.tier.") and ".title" in key]
    assert len(titles) == len(set(titles))


@pytest.mark.parametrize("words", [ENGLISH, *OTHERS], ids=lambda words: words.locale)
def test_no_two_verbs_have_the_same_name(words: Catalogue):
    titles = [form.title for form in Forms().describe(Registry(), words.locale).verbs]
    assert len(titles) == len(set(titles))


def said_in_code() -> Iterator[tuple[str, str]]:
    """Every sentence in those rooms, with a number in its places: file and sentence."""
    package = Path(inlay.__file__).parent
    for path in sorted(path for room in ROOMS for path in (package / room).rglob("*.py")):
        if path.name in ELSEWHERE:
            continue
        tree = parsed(path.read_text("utf-8"))
        documented = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        raised = {id(part) for node in ast.walk(tree) if isinstance(node, ast.Raise) for part in ast.walk(node)}
        inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
        for node in ast.walk(tree):
            if id(node) in documented | raised | inside or not isinstance(node, ast.JoinedStr | ast.Constant):
                continue
            parts = node.values if isinstance(node, ast.JoinedStr) else [node]
            text = "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in parts)
            if " " in text and text.endswith(".") and text[0].isupper():
                yield path.name, text


@pytest.mark.parametrize("other", OTHERS, ids=lambda other: other.locale)
def test_every_sentence_that_the_server_makes_is_translated(other: Catalogue):
    sentences = [*said_in_code()]
    assert len(sentences) > 12
    assert [pair for pair in sentences if other.translated(pair[1]) == pair[1]] == []


@pytest.mark.parametrize("other", OTHERS, ids=lambda other: other.locale)
@pytest.mark.parametrize("surroundings", Surroundings)
def test_what_fitting_says_is_translated(other: Catalogue, surroundings: Surroundings):
    moved = Registration(dx_px=9.0, applied=True)
    said = word_hints(Trust(surroundings), moved, before=20.0, after=5.0, ring_share=0.01)
    assert said
    assert [sentence for sentence in said if other.translated(sentence) == sentence] == []


def test_a_sentence_keeps_what_stands_in_its_places():
    said = "sdxl does not read prompts; this verb needs none."
    assert LANGUAGES.speaking("de").translated(said).startswith("sdxl liest keine")
    assert LANGUAGES.speaking("en").translated(said) == said


def test_a_sentence_within_a_sentence_is_translated_too():
    said = "The model is not compiled: Triton is not installed, which PyTorch compiles for this card with."
    said += " It paints as well, only slower."
    assert LANGUAGES.speaking("de").translated(said) == (
        "Das Modell ist nicht kompiliert: Triton ist nicht installiert, womit PyTorch für diese Karte kompiliert."
        " Es malt ebenso gut, nur langsamer."
    )


def test_a_sentence_that_nobody_knows_stays_as_it_is():
    assert LANGUAGES.speaking("de").translated("Something new.") == "Something new."


UXP = ROOT / "photoshop_uxp"
UNSAID = {"entrypoints.ts": "is said where the plugin itself could not be read"}
"""What no catalogue can have."""

LITERAL = re.compile(r'"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`')
COMMENT = re.compile(r"/\*.*?\*/|(?<![:\"])//[^\n]*", re.DOTALL)
LIKE_A_SENTENCE = re.compile(r"(?:[A-Z“]|\$\{).*[a-z]{2,},? [a-z]{2,}", re.DOTALL)


def test_no_sentence_stands_in_photoshops_plugin():
    """A word there would be English in every language; the panel's own class names are in small letters."""
    literals = [
        (path.name, literal)
        for path in sorted((UXP / "src").rglob("*.ts"))
        if "gen" not in path.parts and path.name not in UNSAID
        for literal in LITERAL.findall(COMMENT.sub("", path.read_text("utf-8")))
    ]
    assert len(literals) > 500
    assert [pair for pair in literals if LIKE_A_SENTENCE.match(pair[1][1:-1])] == []


def test_photoshops_plugin_is_built_with_the_servers_english():
    """It reads the catalogue without a TOML library."""
    code = "import { english } from './english.mjs'; process.stdout.write(JSON.stringify(english()))"
    built = subprocess.run(["node", "--input-type=module", "-e", code], cwd=UXP, check=True, capture_output=True)
    assert json.loads(built.stdout) == ENGLISH.panel


PLUGINS = (("krita_plugin", "*.py"), ("photoshop_uxp/src", "*.ts"))
SAID = re.compile(r"""\b(?:say|count|saidOf)\(\s*(?:\w+,\s*)?["']([a-z_]+(?:\.[a-z_]+)+)["']""")


@pytest.mark.parametrize(("folder", "names"), PLUGINS, ids=lambda part: part)
def test_every_word_that_a_plugin_says_by_its_key_is_in_the_catalogue(folder: str, names: str):
    """A key that is not would stand in the panel."""
    known = ENGLISH.panel
    said = {key for path in (ROOT / folder).rglob(names) for key in SAID.findall(path.read_text("utf-8"))}
    assert {key for key in said if key not in known and f"{key}.one" not in known} == set()


BUTTON = re.compile(r'\bnamed\("(\w+)"')
TROUBLE = re.compile(r"new KnownTrouble\(([^{;]+)")


def test_every_button_and_every_trouble_of_photoshops_plugin_has_its_words():
    text = "".join(path.read_text("utf-8") for path in (UXP / "src").rglob("*.ts"))
    kinds = {kind for made in TROUBLE.findall(text) for kind in re.findall(r'"(\w+)"', made.partition(",")[2])}
    keys = {f"action.{name}.{part}" for name in BUTTON.findall(text) for part in ("title", "tip")}
    keys |= {f"trouble.{kind}.{part}" for kind in kinds for part in ("reason", "cure")}
    assert len(keys) > 40
    assert keys - set(ENGLISH.panel) == set()
