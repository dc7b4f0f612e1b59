"""Five passes over the same region, through a real server: nothing outside moves, and nothing rots inside."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from inlay.client import Client
from inlay.client.edit import Edited, Wish, edit_document
from inlay.client.local import own_server
from inlay.documents import Document, composite
from inlay.recipe import Verb

pytestmark = pytest.mark.slow


PASSES = 5


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with own_server() as server, Client(server.address, token=server.token) as client:
        yield client


def lawn() -> Document:
    """A textured photograph in 16 bit, with grain below the 8-bit step."""
    grass = data.grass()[:384, :384].astype(np.float32)
    grain = np.random.default_rng(4).normal(0, 1.5, (*grass.shape, 3))
    samples = np.clip((grass[..., None] + grain) * 257, 0, 65535).astype(np.uint16)
    return Document(samples, "RGB", "sRGB IEC61966-2.1", b"", Path("lawn.png"), "png")


def hole() -> NDArray[np.uint8]:
    rows, columns = np.mgrid[:384, :384]
    return np.clip((64 - np.hypot(rows - 190, columns - 200)) * 24, 0, 255).astype(np.uint8)


def placed_on(document: Document, edited: Edited) -> Document:
    return Document(
        composite(document, [edited.placed]),
        document.order,
        document.profile,
        document.icc,
        document.path,
        document.format,
    )


def texture(document: Document, mask: NDArray[np.uint8]) -> float:
    """Energy of what is finer than two pixels, inside the mask."""
    green = document.samples[..., 1].astype(np.float32)
    return float(np.std((green - cv2.GaussianBlur(green, (0, 0), 2))[mask == 255]))


def test_five_tries_from_the_pristine_source_send_it_once_and_all_belong_to_it(client: Client) -> None:
    document, mask = lawn(), hole()

    tries = [edit_document(client, document, mask, Wish(Verb.ERASE, seed=seed)) for seed in (1, 2, 3, 4, 1)]

    assert tries[0].uploaded_bytes > 0
    assert all(again.uploaded_bytes == 0 for again in tries[1:])
    assert {again.recipe.canvas.source.blob for again in tries} == {tries[0].recipe.canvas.source.blob}
    first, last = tries[0].placed.shown, tries[-1].placed.shown
    assert np.array_equal(first, last), "the same recipe gave other pixels after other work"
    assert not np.array_equal(first, tries[1].placed.shown)


def test_five_passes_on_top_of_each_other_do_not_rot(client: Client) -> None:
    pristine, mask = lawn(), hole()
    document = pristine

    for seed in range(PASSES):
        document = placed_on(document, edit_document(client, document, mask, Wish(Verb.ERASE, seed=seed)))

    outside = mask == 0
    assert np.array_equal(document.samples[outside], pristine.samples[outside])
    assert 0.85 < texture(document, mask) / texture(pristine, mask) < 1.15
    inside = document.samples[mask == 255]
    assert np.mean(inside % 257 == 0) < 0.02, "sixteen bits became eight"
    drift = np.abs(inside.mean(0) - pristine.samples[mask == 255].mean(0)) / 65535
    assert drift.max() < 0.02
