"""The keyboard belongs to the retoucher: real key events from the screen, on whatever has the keyboard at that moment."""

import shutil
from pathlib import Path

import pytest
from skimage import data

from krita.driver import Krita, Screen
from krita.photo import soft, write

KEYBOARD = {
    "the prompt": "field.prompt",
    "the strip of variations": "shown_panel.variations.strip",
    "the seed": "field.seed.number",
}


@pytest.fixture
def given(tmp_path: Path) -> dict[str, str]:
    """A photograph, and the spoon's handle on it, selected softly."""
    photo = shutil.copy(Path(data.data_dir) / "coffee.png", tmp_path)
    return {"photo": str(photo), "mask": write(soft(600, 400, (478, 122), 26, 6), tmp_path / "mask")}


def test_words_that_are_typed_while_a_result_arrives_all_reach_the_prompt(
    real_krita: Krita, screen: Screen, given: dict[str, str]
) -> None:
    real_krita.script(
        "keyboard/open",
        "keyboard/words_that_are_typed_while_a_result_arrives_all_reach_the_prompt",
        **given,
    )
    screen.type("the old stone bri")
    real_krita.until("not shown_panel.session.edits and shown_panel.variations.strip.count() == 2")
    screen.type("dge")
    real_krita.until("field.prompt.toPlainText().endswith('e')", timeout_s=20)
    result = real_krita.run("result['words'] = field.prompt.toPlainText(); show_wish(Wish())")
    assert result["words"] == "the old stone bridge"


@pytest.mark.parametrize("holder", KEYBOARD)
def test_a_result_leaves_the_keyboard_with_whom_it_was(
    holder: str, real_krita: Krita, screen: Screen, given: dict[str, str]
) -> None:
    real_krita.script(
        "keyboard/open",
        "keyboard/a_result_leaves_the_keyboard_with_whom_it_was_1",
        **given,
    )
    real_krita.until("not shown_panel.session.edits and shown_panel.variations.strip.count() == 2")
    real_krita.run(f"holder = {KEYBOARD[holder]}; type_into(holder)")
    real_krita.run("field.seed.put(11); shown_panel.run()")
    real_krita.until("not shown_panel.session.edits and shown_panel.variations.strip.count() > 2")
    result = real_krita.script("keyboard/a_result_leaves_the_keyboard_with_whom_it_was_2")
    assert result["kept"]
    if holder == "the strip of variations":
        screen.press("Right")
        real_krita.until(f"place.shown(made, group_of(made)) == {result['shown'] + 1}", timeout_s=20)
    real_krita.run("form.details.set_open(False); show_wish(Wish())")


def test_ctrl_enter_runs_from_every_field_whatever_the_verb(
    real_krita: Krita, screen: Screen, given: dict[str, str]
) -> None:
    real_krita.script(
        "keyboard/open", "keyboard/count_runs", "keyboard/ctrl_enter_runs_from_every_field_whatever_the_verb_1", **given
    )
    try:
        verbs = real_krita.run("result['verbs'] = [form.verb.itemText(n) for n in range(form.verb.count())]")["verbs"]
        ran = 0
        for verb in verbs:
            found = real_krita.script(
                "keyboard/ctrl_enter_runs_from_every_field_whatever_the_verb_2",
                verb=verb,
            )["fields"]
            assert len(found) >= 3
            for number, field in enumerate(found):
                real_krita.run(f"type_into(reachable[{number}])")
                screen.press("ctrl+Return")
                ran += 1
                try:
                    real_krita.until(f"len(runs) >= {ran}", timeout_s=10)
                except TimeoutError:
                    windows = real_krita.run("result['windows'] = others()")["windows"]
                    pytest.fail(f"Ctrl+Enter in {field} did not run {verb}; open windows: {windows}")
        seen = real_krita.run("result.update(runs=len(runs), windows=others())")
        assert seen == {"runs": ran, "windows": []}
    finally:
        screen.press("Escape")
        real_krita.script("keyboard/ctrl_enter_runs_from_every_field_whatever_the_verb_3")


def test_ctrl_enter_of_either_enter_key_runs_a_real_edit(
    real_krita: Krita, screen: Screen, given: dict[str, str]
) -> None:
    real_krita.script("keyboard/open", "keyboard/ctrl_enter_of_either_enter_key_runs_a_real_edit_1", **given)
    for key in ("Return", "KP_Enter"):
        placed = real_krita.run("result['n'] = len(tree(made))")["n"]
        screen.press(f"ctrl+{key}")
        real_krita.until("shown_panel.session.edits", timeout_s=20)
        real_krita.until("not shown_panel.session.edits")
        assert placed <= real_krita.run("result['n'] = len(tree(made))")["n"]
    result = real_krita.script("keyboard/ctrl_enter_of_either_enter_key_runs_a_real_edit_2")
    assert result == {"variations": 4, "groups": 1, "said": []}


@pytest.mark.parametrize("visit", [1, 2])
def test_each_test_finds_a_panel_that_nobody_touched(visit: int, real_krita: Krita) -> None:
    result = real_krita.script("keyboard/each_test_finds_a_panel_that_nobody_touched")
    assert result["found"] == [False, False, ""]
