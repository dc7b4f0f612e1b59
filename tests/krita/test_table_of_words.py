"""A table whose rows are words, in the real Krita, by a model that reads them: tiny, random, and listened to."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from inlay.engines.models.catalog import Catalog, TierOverrides, described
from inlay.recipe import Tier
from krita.conftest import Server
from krita.driver import Krita
from krita.photo import grainy, read, soft, write
from krita.test_production import differing, said

pytest.importorskip("torch")
from support import hearing, tiny_models

FIRST = "a green lamp"
ROWS = ["a red enamel kite", "a jug of blue glass"]


@pytest.fixture(scope="module")
def listening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a tiny Stable Diffusion 1.5, called "tiny"; what its text encoder is given is written down."""
    folder = tmp_path_factory.mktemp("listening")
    entry = described(tiny_models.saved("sd15", folder / "weights"), "sd15", model_id="tiny")
    few = tuple((tier, TierOverrides(steps=2)) for tier in Tier)
    (folder / "data").mkdir()
    Catalog(folder / "data" / "models.toml").add(dataclasses.replace(entry, tiers=few))
    running = Server(folder / "data", program=(str(Path(hearing.__file__)),))
    yield running
    running.kill()


def test_the_words_of_each_row_reach_the_models_text_encoder_in_this_picture_and_in_a_format(
    real_krita: Krita, listening: Server, tmp_path: Path
) -> None:
    from transformers import CLIPTokenizer

    picture, mask = grainy(300, 220, "RGBA", "U8"), soft(300, 220, (140, 100), 60, 10)
    seen = real_krita.script(
        "models/connect",
        "production/a_table_of_words",
        folder=str(tmp_path),
        url=listening.url,
        pixels=write(picture, tmp_path / "pixels"),
        mask=write(mask, tmp_path / "asked"),
        first=FIRST,
        rows=ROWS,
    )
    assert [(cell["row"], cell["column"], cell["state"]) for cell in seen["cells"]] == [
        (row, column, "done") for column in ("", "square") for row in ROWS
    ]

    tokenizer = CLIPTokenizer.from_pretrained(listening.data.parent / "weights" / "tokenizer")
    heard = hearing.heard(listening.data)

    def first_heard(words: str) -> int:
        ids = tokenizer(words, add_special_tokens=False)["input_ids"]
        return next(at for at, one in enumerate(heard) if one[1 : 1 + len(ids)] == ids)

    first, *rows = map(first_heard, (FIRST, *ROWS))
    assert first < rows[0] < rows[1], "row by row"

    assert len(seen["documents"]) == 2
    for name, made in seen["documents"].items():
        recipes = {said(recipe)["words"]["prompt"]: (at, said(recipe)) for at, recipe in made["recipes"].items()}
        (at, kite), (beside, jug) = (recipes[row] for row in ROWS)
        assert differing(kite, jug) == {"words.prompt", "sampling.resolved.told.prompt"}, name
        width, height = made["size"]
        shows = [read(tmp_path / f"{name} {number}", np.zeros((height, width, 4), np.uint8)) for number in (at, beside)]
        x = next(x for x in range(301 - width) if np.array_equal(picture[0, x : x + width], shows[0][0]))
        outside, own = mask[:height, x : x + width] == 0, picture[:height, x : x + width]
        for show in shows:
            assert np.array_equal(show[outside], own[outside]), f"{name}: outside the selection the photograph stays"
        differ = (shows[0] != shows[1]).any(axis=-1)
        assert differ[~outside].mean() > 0.5, f"{name}: other words, another picture"
