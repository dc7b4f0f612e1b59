"""From `inlay models add comfyui` with a graph that Inlay brings to 16 bits in a file: by a server, through an imitated ComfyUI."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import cv2
import imagecodecs
import numpy as np
import pytest
from numpy.typing import NDArray

from cli.conftest import Run, Serving
from inlay import documents
from inlay.client import Client
from inlay.region import Rect
from support.comfy_server import comfy_server

pytestmark = pytest.mark.slow


def test_a_graph_that_inlay_brings_is_added_and_paints_exactly_the_selection_in_16_bits(
    inlay: Run,
    start_serving: Callable[..., Serving],
    pixels: NDArray[np.uint8],
    selection: NDArray[np.uint8],
    mask: Path,
    tmp_path: Path,
) -> None:
    before = (pixels.astype(np.uint16) * 256 + np.random.default_rng(1).integers(0, 256, pixels.shape)).astype(
        np.uint16
    )
    photo, out, data = tmp_path / "photo.png", tmp_path / "out.tif", tmp_path / "data"
    photo.write_bytes(imagecodecs.png_encode(before))
    with comfy_server() as comfy:
        added = inlay("models", "add", "comfyui", comfy.address, "sdxl_inpaint", "--data", data, "--json")
        assert (added.json["id"], added.json["ready"], added.json["notes"]) == ("sdxl_inpaint", True, [])
        server = start_serving(data)
        wish = ("--verb", "fill", "--prompt", "a kite", "--model", "sdxl_inpaint", "--seed", 3, "--count", 2)

        said = inlay("edit", photo, "--mask", mask, *wish, "--out", out, "--data", data, "--json")

        assert said.code == 0, said.err
        sent = list(comfy.state.files.values())
        shown = next(held for name, held in comfy.inputs.items() if ".exr" in name)
        (graph, other) = (entry["prompt"][2] for entry in comfy.state.history.values())
    with Client(server.address, token=server.card.token) as client:
        receipt = client.memories(said.json["job_id"])[0].receipt
    window = Rect(*said.json["window"])
    assert receipt["sent_px"] == "512 x 512"
    assert (
        np.abs(cv2.resize(shown, window.size, interpolation=cv2.INTER_AREA) - before[window.slices] / 65535).mean()
        < 0.01
    )
    for number in (1, 2):
        after = documents.read(out.with_name(f"out-{number}.tif")).samples
        assert after.dtype == np.uint16
        assert np.array_equal(after[selection == 0], before[selection == 0])
        inside = after[selection == 255]
        assert (inside != before[selection == 255]).any(axis=-1).mean() > 0.9
        assert len(np.unique(inside % 256)) > 200
    assert receipt["sent_window"] == " ".join(map(str, window))
    assert receipt["sent_what"] == "picture, mask, words"
    assert sorted(receipt["sent_sha256"].split()) == sorted(sha256(held).hexdigest() for held in sent)
    assert receipt["sent_bytes"] == str(sum(map(len, sent)))
    assert receipt["depth"] == "float"
    texts = {facts["_meta"]["title"]: facts["inputs"].get("text") for facts in graph.values()}
    assert texts["Inlay prompt"] == said.json["told"]["prompt"]
    assert [one["10"]["inputs"]["seed"] for one in (graph, other)] == [3, 4]
