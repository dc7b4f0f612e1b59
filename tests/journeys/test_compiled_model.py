"""A compiled model in a real server: compiled by the real compiler in the worker, and the pixels are the uncompiled ones."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from inlay.client import Client
from inlay.client.edit import Edited, Wish, edit_document
from inlay.client.local import own_server
from inlay.documents import Document
from inlay.engines.models.catalog import Catalog, ModelEntry, TierOverrides, described
from inlay.recipe import Tier, Verb

pytest.importorskip("torch")
from support import tiny_models

pytestmark = pytest.mark.slow

SIDE = 384
"""A window that is the whole document, whose sides any model can paint at: compiled ones come in steps of 128."""


def photo() -> Document:
    samples = np.ascontiguousarray(data.astronaut()[:SIDE, :SIDE])
    return Document(samples, "RGB", "sRGB IEC61966-2.1", b"", Path("photo.png"), "png")


def mask() -> NDArray[np.uint8]:
    rows, columns = np.mgrid[:SIDE, :SIDE]
    return np.clip((60 - np.hypot(rows - 150, columns - 190)) * 16, 0, 255).astype(np.uint8)


def painted(entry: ModelEntry, folder: Path, verbs: tuple[Verb, ...]) -> list[Edited]:
    """What a server whose only model is `entry` makes of the photograph, asked as soon as it listens."""
    Catalog(folder / "models.toml").add(entry)
    with own_server(folder / "models.toml") as server, Client(server.address, token=server.token) as client:
        return [
            edit_document(client, photo(), mask(), Wish(verb, seed=3, prompt="a hat", context_px=SIDE))
            for verb in verbs
        ]


def test_a_compiled_model_serves_the_same_pixels_from_its_first_edit_on(tmp_path: Path) -> None:
    from inlay.engines.diffusion.compiling import missing_for

    if reason := missing_for(tiny_models.torch.device("cpu")):
        pytest.skip(reason)
    few = ((Tier.STANDARD, TierOverrides(steps=4)),)
    entry = dataclasses.replace(
        described(tiny_models.saved("sd15", tmp_path / "weights"), "sd15", model_id="tiny"), tiers=few
    )
    folders = [tmp_path / name for name in ("plain", "compiled")]
    for folder in folders:
        folder.mkdir()

    # Erasing comes first: a job that needs no model must not wait for the compiler.
    (plain,) = painted(entry, folders[0], (Verb.FILL,))
    erased, first, again = painted(
        dataclasses.replace(entry, compile=True), folders[1], (Verb.ERASE, Verb.FILL, Verb.FILL)
    )

    assert erased.variations[0].receipt["engine"] == "classic"
    for one in (first, again):
        assert one.variations[0].receipt["model"] == "tiny"
        assert one.variations[0].receipt["working"] == [SIDE, SIDE]
        assert one.variations[0].receipt["compiled"] == "True"
        assert not any("not compiled" in note for note in one.variations[0].report.notes)
    assert np.array_equal(first.placed.shown, again.placed.shown)
    off = np.abs(first.placed.shown.astype(int) - plain.placed.shown.astype(int))
    assert off.max() <= 2, "other pixels than uncompiled"
