"""Finish, in the real Krita: a draft that was liked is painted anew at the final tier, without a new gamble.

The model is random: it takes no noise away, so the final tier names a strength at which there is little. Its VAE was taught,
so that what a draft shows comes through it.
"""

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data
from skimage.metrics import structural_similarity

from inlay.engines.models.catalog import Catalog, TierOverrides, described
from inlay.recipe import Tier
from krita.conftest import Server
from krita.driver import Krita, Screen
from krita.photo import read, soft, write

pytest.importorskip("torch")
from support import tiny_models, tiny_parts

SIDE = 192


def photograph() -> NDArray[np.uint8]:
    """SIDE x SIDE x 4, in Krita's order: blue, green, red, alpha."""
    pixels = data.astronaut()[20 : 20 + SIDE, 120 : 120 + SIDE, ::-1]
    return np.dstack([pixels, np.full((SIDE, SIDE), 255, np.uint8)])


@pytest.fixture(scope="module")
def painting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that has a tiny Stable Diffusion 1.5, called "tiny"."""
    import torch

    folder = tmp_path_factory.mktemp("painting")
    components = tiny_models.sd15()
    shown = photograph()[..., 2::-1].copy()
    tiny_parts.teach(components["vae"], torch.from_numpy(shown).permute(2, 0, 1) / 127.5 - 1)
    entry = described(tiny_models.saved("sd15", folder / "weights", components), "sd15", model_id="tiny")
    gently = ((Tier.FINAL, TierOverrides(promote_strength=0.02, steps=8, scheduler="ddim")),)
    data_folder = folder / "data"
    data_folder.mkdir()
    Catalog(data_folder / "models.toml").add(dataclasses.replace(entry, tiers=gently))
    running = Server(data_folder)
    yield running
    running.kill()


def test_finishing_the_second_draft_keeps_what_it_shows_and_the_drafts_below(
    real_krita: Krita, painting: Server, server: Server, screen: Screen, screenshots: Path, tmp_path: Path
) -> None:
    picture, mask = photograph(), soft(SIDE, SIDE, (100, 90), 28, 10)
    real_krita.script(
        "finish/connect",
        "finish/finishing_the_second_draft_keeps_what_it_shows_and_the_drafts_below_1",
        folder=str(tmp_path),
        url=painting.url,
        pixels=write(picture, tmp_path / "pixels"),
        mask=write(mask, tmp_path / "drawn mask"),
    )
    screen.screenshot(screenshots / "panel-with-drafts.png")
    real_krita.script("finish/finishing_the_second_draft_keeps_what_it_shows_and_the_drafts_below_2")
    real_krita.until("asked[0].has_ended")
    result = real_krita.script(
        "finish/finishing_the_second_draft_keeps_what_it_shows_and_the_drafts_below_3",
        other=server.url,
    )

    assert result["trouble"] == ""
    assert result["sent"] == 0
    names = [child[1] for child in result["tree"][0][2]]
    assert names == ["Variation 1 (seed 4)", "Variation 1 (seed 3)", "the good one", "Mask"]
    assert result["visible"] == 0
    before, first, second, final = (
        read(tmp_path / name, picture) for name in ("before", "draft 0", "draft 1", "final")
    )
    assert np.array_equal(final[mask == 0], before[mask == 0])
    assert np.array_equal(read(tmp_path / "mask", mask), mask)
    similar = []
    for draft in (first, second):
        _, local = structural_similarity(final[..., :3], draft[..., :3], channel_axis=-1, full=True)
        similar.append(float(local[mask == 255].mean()))
    print("structural similarity to the first and the second draft", similar)
    assert similar[1] > 0.7
    assert similar[0] < 0.4
    assert result["recipe"] == ["final", 1, 4]
    assert [json.loads(receipt)["engine"] for receipt in result["receipts"]] == ["tiny"]
    assert not result["offered again"], "a finished result is no draft"
    assert result["again"], "running a finished result again gave other pixels"
    assert "no longer has the draft" in result["where the draft is not"]


def test_a_result_that_no_model_painted_offers_no_finish_and_its_shortcut_says_why(
    real_krita: Krita, painting: Server, tmp_path: Path
) -> None:
    result = real_krita.script(
        "finish/connect",
        "finish/a_result_that_no_model_painted_offers_no_finish_and_its_shortcut_says_why",
        folder=str(tmp_path),
        url=painting.url,
        pixels=write(photograph(), tmp_path / "pixels"),
        mask=write(soft(SIDE, SIDE, (100, 90), 28, 10), tmp_path / "drawn mask"),
    )

    assert result["result is shown"]
    assert not result["offered"]
    assert "no draft of a model" in result["trouble"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("made.crop(20, 10, 160, 170)", "moved with the picture"),
        ('made.setColorSpace("RGBA", "U16", "sRGB-elle-V2-srgbtrc.icc")', "converted since"),
        ('app.action("mirrorImageHorizontal").trigger()', "mirrored since"),
    ],
    ids=["cropped", "to 16 bit", "mirrored"],
)
def test_a_draft_is_finished_where_it_lies_now_or_not_at_all(
    real_krita: Krita, painting: Server, tmp_path: Path, change: str, said: str
) -> None:
    result = real_krita.script(
        "finish/connect",
        "finish/a_draft_is_finished_where_it_lies_now_or_not_at_all",
        folder=str(tmp_path),
        change=change,
        url=painting.url,
        pixels=write(photograph(), tmp_path / "pixels"),
        mask=write(soft(SIDE, SIDE, (100, 90), 28, 10), tmp_path / "drawn mask"),
    )
    assert said in result["said"]
    before, after = (tmp_path / "changed").read_bytes(), (tmp_path / "final").read_bytes()
    if "moved" in said:
        mask = np.frombuffer((tmp_path / "mask").read_bytes(), np.uint8)
        before, after = (np.frombuffer(one, np.uint8).reshape(mask.size, 4) for one in (before, after))
        assert np.array_equal(before[mask == 0], after[mask == 0])
        assert not np.array_equal(before[mask == 255], after[mask == 255])
        assert len(result["layers"]) == 2
    else:
        assert before == after
        assert len(result["layers"]) == 1
