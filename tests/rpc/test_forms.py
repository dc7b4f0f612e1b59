"""What a panel is told of the verbs, through every door of a server that has the classic engine only."""

from typing import Any

from inlay.v1 import verbs_pb2
from rpc.doors import call


def described(door: Any, locale: str = "", has_timeline: bool = False) -> Any:
    return call(door, "DescribeVerbs", verbs_pb2.DescribeVerbsRequest(locale=locale, has_timeline=has_timeline))


def test_only_a_host_with_a_timeline_is_offered_what_gives_frames(door: Any) -> None:
    with_one, without = ({form.id for form in described(door, has_timeline=has).verbs} for has in (True, False))
    assert with_one - without == {"animate"}
    assert not without - with_one


def test_every_verb_of_a_panel_comes_with_its_words_and_its_fields(door: Any) -> None:
    answer = described(door)
    assert answer.locale == "en"
    assert [form.id for form in answer.verbs][:8] == [
        "erase",
        "fill",
        "generate",
        "refine",
        "instruct",
        "recolor",
        "replace_background",
        "expand",
    ]
    for form in answer.verbs:
        assert form.title, form.id
        assert form.tip, form.id
        assert (form.needs == verbs_pb2.NEEDS_SELECTION) == (
            form.id not in {"select", "match", "upscale", "marks", "structure"}
        ), form.id
        for field in form.fields:
            assert field.kind, f"{form.id}: {field.path}"
            assert field.title, f"{form.id}: {field.path}"
            assert field.tip, f"{form.id}: {field.path}"
            assert bool(field.lack) == field.required, f"{form.id}: {field.path}"
            assert all(choice.title and choice.tip for choice in field.choices), f"{form.id}: {field.path}"


def test_the_subject_is_selected_where_the_background_is_replaced(door: Any) -> None:
    assert [form.id for form in described(door).verbs if form.inverts] == ["replace_background"]


WITHOUT_WEIGHTS = {
    **dict.fromkeys(("erase", "fill", "recolor", "expand", "separate", "marks"), "classic"),
    "select": "outline",
    "match": "match",
    "upscale": "lanczos",
    "text": "lettering",
    "fix": "finder",
    "structure": "structure",
}
"""Verbs that something built in can do, and what does them."""


def test_a_verb_that_nothing_can_do_says_what_it_needs_and_the_others_say_who_does_them(door: Any) -> None:
    for form in described(door).verbs:
        if form.id in WITHOUT_WEIGHTS:
            assert list(form.models) == [WITHOUT_WEIGHTS[form.id]]
            assert form.unable == ""
        else:
            assert list(form.models) == []
            assert "needs a model" in form.unable


def test_a_german_editor_is_answered_in_german(door: Any) -> None:
    answer = described(door, "de-AT")
    assert answer.locale == "de"
    assert [form.title for form in answer.verbs][:2] == ["Entfernen", "Füllen"]
    assert answer.words["action.run.title"] == "Ausführen"
    assert answer.verbs[2].unable.startswith("Dafür braucht es ein Modell. Ohne Modell gehen: Entfernen, Füllen")


def test_the_panels_words_come_with_the_forms_and_those_of_the_forms_only_in_them(door: Any) -> None:
    words = described(door).words
    assert words["state.queued.other"] == "waiting, {count} before it"
    assert {key.partition(".")[0] for key in words}.isdisjoint({"verb", "field", "server", "note"})
