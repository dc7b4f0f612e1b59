"""The Photoshop plugin's own code recognises results in the PSDs that the client writes. How Photoshop reads them, nobody saw."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from psd_tools import PSDImage
from psd_tools.api.layers import Group, Layer
from psd_tools.constants import Tag

from inlay import documents
from inlay.client import Client
from inlay.client.edit import Edited, Wish, edit_document
from inlay.client.layer_memories import shown_results
from inlay.client.watching import Unwatched
from inlay.documents import Document
from inlay.provenance import acts_in
from inlay.recipe import Verb
from rpc.process import running_server
from support.edits import photo, soft_mask

pytestmark = pytest.mark.slow


PLUGIN = Path(__file__).parents[2] / "photoshop_uxp"
PROFILE = "sRGB IEC61966-2.1"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    data = tmp_path_factory.mktemp("server") / "data"
    with running_server(data, painter=None) as server, Client(server.address) as client:
        yield client


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The plugin's code that reads notes, for Node."""
    target = tmp_path_factory.mktemp("plugin") / "recognise.mjs"
    esbuild = PLUGIN.parent / "node_modules/.bin/esbuild"
    assert esbuild.exists(), "esbuild not found; `make node_modules/.ready` installs it"
    ask = f"import {{ english }} from {json.dumps((PLUGIN / 'english.mjs').as_uri())}; console.log(JSON.stringify(english()))"
    words = subprocess.run(
        ["node", "--input-type=module", "-e", ask], capture_output=True, text=True, check=True
    ).stdout
    options = [
        "--bundle",
        "--platform=node",
        "--format=esm",
        "--log-level=warning",
        f"--define:ENGLISH={words.strip()}",
    ]
    options.append(f"--outfile={target}")
    subprocess.run([esbuild, PLUGIN / "test/edit/recognise.ts", *options], check=True)
    return target


def picture(dtype: str, order: str) -> Document:
    white = np.iinfo(dtype).max
    samples = photo()
    if order == "RGBA":
        alpha = np.ones((*samples.shape[:2], 1))
        alpha[:70, :90] = 0  # Transparent in a part of the selection: there the layers' pixels begin later.
        samples = np.concatenate([samples, alpha], axis=-1)
    return Document(np.rint(samples * white).astype(dtype), order, PROFILE, b"", Path("memory.png"), "png")


def edited(client: Client, document: Document, seed: int = 7) -> Edited:
    mask = np.zeros(document.samples.shape[:2], np.uint8)
    mask[60:140, 70:170] = soft_mask(100, 80)
    return edit_document(client, document, mask, Wish(Verb.ERASE, seed, count=2), Unwatched())


def note_of(layer: Layer) -> str:
    """The JSON under the plugin's key, where Photoshop keeps what plugins write on a document: in a descriptor named `extn`."""
    [setting] = layer._record.tagged_blocks.get_data(Tag.METADATA_SETTING)
    assert (setting.key, setting.copy_on_sheet) == (b"extn", False)
    return setting.data[b"generatorSettings"][b"studio_inlay"][b"json"].value.rstrip("\0")


def group_of(psd: PSDImage, at: int = -1) -> Group:
    found = [layer for layer in psd if isinstance(layer, Group)]
    return found[at]


def recognised(script: Path, path: Path, at: int = -1) -> dict[str, Any]:
    """What the plugin makes of a result in the file."""
    psd = PSDImage.open(path)
    group = group_of(psd, at)
    layers = []
    for layer in reversed(list(group)):
        pixels = np.asarray(layer.topil().convert("RGBA"))
        rect = dict(zip(("x", "y", "width", "height"), (*layer.offset, *layer.size), strict=True))
        layers.append({"note": note_of(layer), "rect": rect, "channels": 4, "samples": pixels.tobytes().hex()})
    facts = {"width": psd.width, "height": psd.height, "mode": "RGB", "depth": psd.depth, "profile": PROFILE}
    given = json.dumps({"facts": facts, "group": note_of(group), "layers": layers})
    done = subprocess.run(["node", script], input=given, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.parametrize("order", ["RGB", "RGBA"])
def test_the_panel_finds_job_recipe_and_untouched_variations(tmp_path, client, script, order) -> None:
    document = picture("uint8", order)
    result = edited(client, document)
    documents.write(tmp_path / "result.psd", document, [result.placed])

    told = recognised(script, tmp_path / "result.psd")

    region = result.recipe.where.region._asdict()
    assert (told["jobId"], told["region"], told["seed"], told["misfit"]) == (result.job_id, region, "7", "")
    receipts = [json.loads(layer["receipt"]) for layer in told["layers"]]
    assert receipts == [variation.receipt for variation in result.variations]
    patches = [variation.patch.bounds._asdict() for variation in result.variations]
    assert [layer["bounds"] for layer in told["layers"]] == patches, "what a finish has to read of the layer"
    assert all(layer["seal"] == layer["now"] != "" for layer in told["layers"])
    assert len({layer["seal"] for layer in told["layers"]}) == 2


def test_all_results_in_one_file_name_the_same_document(tmp_path, client, script) -> None:
    first = picture("uint8", "RGB")
    documents.write(tmp_path / "first.psd", first, [edited(client, first).placed])
    second = documents.read(tmp_path / "first.psd")
    documents.write(tmp_path / "second.psd", second, [edited(client, second, seed=8).placed])

    below, above = (recognised(script, tmp_path / "second.psd", at) for at in (-2, -1))

    assert below["jobId"] != above["jobId"]
    assert below["documentId"] == above["documentId"] != ""


def test_a_result_of_16_bit_has_no_seal_and_the_panel_does_not_run_its_recipe_again(tmp_path, client, script) -> None:
    """A file's white is 65535, Photoshop's 32768: its samples are not those that the recipe names."""
    document = picture("uint16", "RGB")
    documents.write(tmp_path / "result.psd", document, [edited(client, document).placed])

    told = recognised(script, tmp_path / "result.psd")

    assert "made outside Photoshop" in told["misfit"]
    assert [layer["seal"] for layer in told["layers"]] == ["", ""]
    assert all(layer["receipt"] for layer in told["layers"])


def test_what_layers_remember_is_signed_of_those_that_show(tmp_path, client) -> None:
    """As in a file that Photoshop saved: the plugin's notes on layers are all there is, and no list of recipes in a resource."""
    document = picture("uint8", "RGB")
    result = edited(client, document)
    documents.write(tmp_path / "result.psd", document, [result.placed])
    psd = PSDImage.open(tmp_path / "result.psd")
    for hide, shown in ((None, 1), ("Variation 1", 0), ("the group", 0)):
        group = group_of(psd)
        group.visible = hide != "the group"
        for layer in group:
            layer.visible = layer.name.startswith("Variation 1") and hide != "Variation 1"
        psd.save(tmp_path / "saved.psd")

        told = shown_results(tmp_path / "saved.psd")

        assert len(told) == shown, hide
        for memory in told:
            assert memory["job_id"] == result.job_id
            assert memory["receipts"] == [result.variations[0].receipt]
            (act,) = acts_in([memory])
            assert (act.verb, act.term, act.region) == ("erase", "humanEdits", result.recipe.where.region)
