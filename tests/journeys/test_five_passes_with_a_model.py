"""Five passes over the same region with a diffusion model, through a real server: from the pristine source nothing rots.

A VAE blurs whatever goes through it, which is what rots pictures. The tiny one here was taught to see this very picture, and
blurs as real ones do, only more; its denoiser adds noise and takes none away.
"""

import dataclasses
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
from inlay.engines.models.catalog import Catalog, TierOverrides, described
from inlay.recipe import Tier, Verb

pytest.importorskip("torch")
import torch

from support import tiny_models, tiny_parts

pytestmark = pytest.mark.slow

PASSES = 5
SIDE = 384
STEPS = 100
"""Of which a refinement as gentle as below walks two: little noise, much VAE."""


def face() -> Document:
    """A photograph without fine detail but grain, in 16 bit."""
    smooth = cv2.GaussianBlur(data.astronaut()[:SIDE, 60 : 60 + SIDE].astype(np.float32), (0, 0), 5)
    grain = np.random.default_rng(4).normal(0, 2.5, smooth.shape)
    samples = np.clip((smooth + grain) * 257, 0, 65535).astype(np.uint16)
    return Document(samples, "RGB", "sRGB IEC61966-2.1", b"", Path("face.png"), "png")


def cheek() -> NDArray[np.uint8]:
    rows, columns = np.mgrid[:SIDE, :SIDE]
    return np.clip((60 - np.hypot(rows - 150, columns - 190)) * 16, 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder = tmp_path_factory.mktemp("model")
    components = tiny_models.sd15()
    picture = torch.from_numpy(face().samples.astype(np.float32) / 65535).permute(2, 0, 1) * 2 - 1
    tiny_parts.teach(components["vae"], picture)
    components["unet"].conv_out.weight.data.zero_()
    components["unet"].conv_out.bias.data.zero_()
    entry = described(tiny_models.saved("sd15", folder / "weights", components), "sd15", model_id="tiny")
    gently = ((Tier.DRAFT, TierOverrides(steps=STEPS)),)
    Catalog(folder / "models.toml").add(dataclasses.replace(entry, tiers=gently))
    with own_server(folder / "models.toml") as server, Client(server.address, token=server.token) as client:
        yield client


def refined(client: Client, document: Document, seed: int) -> Edited:
    wish = Wish(Verb.REFINE, seed=seed, prompt="a cheek", tier=Tier.DRAFT, strength=0.02, model="tiny")
    return edit_document(client, document, cheek(), wish)


def placed_on(document: Document, edited: Edited) -> Document:
    return dataclasses.replace(document, samples=composite(document, [edited.placed]))


def lost(document: Document, pristine: Document) -> float:
    """How far shapes and colours inside the mask are from the pristine picture, grain aside, in parts of white."""
    inside = cheek() == 255
    seen, wanted = (cv2.GaussianBlur(one.samples.astype(np.float32) / 65535, (0, 0), 2) for one in (document, pristine))
    return float(np.abs(seen - wanted)[inside].mean())


def grain(document: Document) -> float:
    """Energy of what is finer than two pixels, inside the mask."""
    green = document.samples[..., 1].astype(np.float32)
    return float(np.std((green - cv2.GaussianBlur(green, (0, 0), 2))[cheek() == 255]))


def test_five_passes_from_the_pristine_source_lose_no_more_than_one(client: Client) -> None:
    pristine = face()
    outside = cheek() == 0

    passes = [placed_on(pristine, refined(client, pristine, seed)) for seed in range(PASSES)]
    stacked = pristine
    for seed in range(PASSES):
        stacked = placed_on(stacked, refined(client, stacked, seed))

    for one in (*passes, stacked):
        assert np.array_equal(one.samples[outside], pristine.samples[outside])
    first, *_, last = (lost(one, pristine) for one in passes)
    print("lost", [round(lost(one, pristine), 5) for one in (*passes, stacked)])
    print("grain", [round(grain(one) / grain(pristine), 3) for one in (*passes, stacked)])
    assert 0 < last < 1.2 * first
    assert lost(stacked, pristine) > 1.5 * last, "the measure does not see what five passes on top of each other lose"
    assert 0.8 < grain(passes[-1]) / grain(pristine) < 1.25


def test_a_pass_is_the_same_again_after_others_and_sends_the_source_once(client: Client) -> None:
    pristine = face()

    first = refined(client, pristine, 21)
    other = refined(client, pristine, 22)
    again = refined(client, pristine, 21)

    assert np.array_equal(first.placed.shown, again.placed.shown)
    assert not np.array_equal(first.placed.shown, other.placed.shown)
    assert again.uploaded_bytes == other.uploaded_bytes == 0
    assert {one.recipe.canvas.source.blob for one in (first, other, again)} == {first.recipe.canvas.source.blob}
    assert {one.variations[0].receipt["model"] for one in (first, other, again)} == {"tiny"}
