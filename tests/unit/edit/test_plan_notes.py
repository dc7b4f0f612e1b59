"""What the server tells about a plan before anything runs: softness, and words that nobody will read."""

from pathlib import Path

import pytest

from inlay.edit.plan import plan
from inlay.engines import registry as registry_module
from inlay.engines.finder.facts import FINDER
from inlay.engines.models.catalog import Catalog, ModelEntry
from inlay.engines.registry import Registry
from inlay.errors import Unsupported
from inlay.recipe import Tier, Verb
from inlay.region import Rect, Size

SMALL = (Size(400, 300), Rect(100, 100, 60, 40))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "nas" / "kite-xl"


@pytest.fixture
def away(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry:
    """Its one model is in models.toml, and its folder is not there."""
    monkeypatch.setattr(registry_module, "missing_libraries", lambda *_: ())
    catalog = Catalog(tmp_path / "models.toml")
    catalog.add(ModelEntry("kite", "sdxl", str(folder), "folder", "0" * 64))
    return Registry(catalog)


def test_words_that_nothing_here_reads_are_told_of_before_the_run() -> None:
    assert plan(Registry(), *SMALL, Verb.FILL).notes == ()
    (note,) = plan(Registry(), *SMALL, Verb.FILL, prompted=True).notes
    assert note.startswith("classic does not read prompts")
    assert "inlay models add" in note


@pytest.mark.parametrize("prompted", [False, True])
def test_that_fix_will_only_select_is_told_of_before_the_run(prompted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    registry = Registry()
    monkeypatch.setattr(registry, "choose", lambda *_: FINDER)
    (note,) = plan(registry, *SMALL, Verb.FIX, prompted=prompted).notes
    assert "selected and not painted" in note
    assert "inlay setup" in note


def test_a_model_whose_folder_is_away_is_named_with_its_folder(away: Registry, folder: Path) -> None:
    planned = plan(away, *SMALL, Verb.FILL, prompted=True)
    assert planned.model == "classic"
    (note,) = planned.notes
    assert "kite" in note
    assert str(folder) in note
    with pytest.raises(Unsupported) as refused:
        plan(away, *SMALL, Verb.REFINE)
    assert "kite" in refused.value.message
    assert str(folder) in refused.value.message


def test_a_model_whose_folder_is_away_is_no_reason_to_fret_over_an_edit_without_words(away: Registry) -> None:
    assert plan(away, *SMALL, Verb.ERASE).notes == ()
    assert plan(away, *SMALL, Verb.FILL).notes == ()


@pytest.mark.parametrize("tier", [Tier.STANDARD, Tier.FINAL])
def test_a_region_that_is_too_large_for_any_tier_is_told_to_be_smaller(tier: Tier) -> None:
    planned = plan(Registry(), Size(6000, 6000), Rect(0, 0, 6000, 6000), Verb.ERASE, tier)
    assert planned.window.scale < 1
