"""`inlay jobs promote`: a draft that was liked, finished by a real server with a tiny model, without a new gamble.

The model is random: it takes no noise away, so the tier names a strength at which there is little. Its VAE was taught, so that
what a draft shows comes through it.
"""

import dataclasses
import importlib.util
import subprocess
from collections.abc import Callable
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage.metrics import structural_similarity

from cli.conftest import INLAY, Run, Said, Serving, wait_for
from inlay import documents
from inlay.client import Client
from inlay.engines.models.catalog import Catalog, TierOverrides, described
from inlay.recipe import Tier

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("diffusers") is None, reason="needs inlay[diffusion]"),
]

PROMPT = "a red kite"


@pytest.fixture(scope="module")
def painting(
    start_serving: Callable[..., Serving], pixels: NDArray[np.uint8], tmp_path_factory: pytest.TempPathFactory
) -> Serving:
    """A server that has a tiny Stable Diffusion 1.5, called "tiny"."""
    import torch

    from support import tiny_models, tiny_parts

    folder = tmp_path_factory.mktemp("painting")
    components = tiny_models.sd15()
    tiny_parts.teach(components["vae"], torch.from_numpy(pixels).permute(2, 0, 1) / 127.5 - 1)
    entry = described(tiny_models.saved("sd15", folder / "weights", components), "sd15", model_id="tiny")
    gently = ((Tier.FINAL, TierOverrides(promote_strength=0.02, steps=8, scheduler="ddim")),)
    data = folder / "data"
    data.mkdir()
    Catalog(data / "models.toml").add(dataclasses.replace(entry, tiers=gently))
    return start_serving(data)


@pytest.fixture(scope="module")
def fill(inlay: Run, painting: Serving, photo: Path, mask: Path) -> Callable[..., Said]:
    """Paint the prompt into the mask of the photograph with the model; more options as given."""

    def run(*more: object) -> Said:
        common = ("edit", photo, "--mask", mask, "--verb", "fill", "--prompt", PROMPT, "--model", "tiny", "--json")
        said = inlay(*common, "--data", painting.data, *more)
        assert said.code == 0, said.err
        return said

    return run


@pytest.fixture(scope="module")
def draft(fill: Callable[..., Said], tmp_path_factory: pytest.TempPathFactory) -> tuple[str, list[NDArray[np.uint8]]]:
    """A job of two drafts, and the pictures they make."""
    out = tmp_path_factory.mktemp("draft") / "draft.png"
    said = fill("--tier", "draft", "--seed", 3, "--count", 2, "--out", out)
    return said.json["job_id"], [documents.read(Path(path)).samples for path in said.json["files"]]


def alike(one: NDArray[np.uint8], other: NDArray[np.uint8], selection: NDArray[np.uint8]) -> float:
    """Structural similarity where the whole of the new pixels shows; 1 is the same."""
    _, local = structural_similarity(one, other, channel_axis=-1, full=True)
    return float(local[selection == 255].mean())


def test_the_promoted_picture_is_the_draft_that_was_liked_and_nothing_outside_moves(
    inlay: Run,
    painting: Serving,
    fill: Callable[..., Said],
    draft: tuple[str, list[NDArray[np.uint8]]],
    photo: Path,
    selection: NDArray[np.uint8],
    tmp_path: Path,
) -> None:
    job, pictures = draft
    fill("--tier", "final", "--seed", 500, "--out", tmp_path / "afresh.tif")

    said = inlay(
        "jobs", "promote", f"{job[:8]}:2", photo, "--out", tmp_path / "final.tif", "--data", painting.data, "--json"
    )

    assert said.code == 0, said.err
    final, afresh = (documents.read(tmp_path / name).samples for name in ("final.tif", "afresh.tif"))
    before = documents.read(photo).samples
    assert np.array_equal(final[selection == 0], before[selection == 0])
    similar = [alike(pictures[1], one, selection) for one in (final, pictures[0], afresh)]
    print("structural similarity to the draft: promoted, the other variation, afresh", similar)
    assert similar[0] > 0.7
    assert max(similar[1:]) < 0.4
    assert said.json["promoted"] == {"job_id": job, "variation": 2}
    assert (said.json["tier"], said.json["model"], said.json["seed"]) == ("final", "tiny", 4)


def test_a_promotion_keeps_the_drafts_recipe_and_its_layers_remember_the_whole_of_it(
    inlay: Run, painting: Serving, draft: tuple[str, list[NDArray[np.uint8]]], photo: Path, tmp_path: Path
) -> None:
    job, _ = draft
    out = tmp_path / "standard.psd"

    said = inlay("jobs", "promote", f"{job}:1", photo, "--tier", "standard", "--out", out, "--data", painting.data)

    assert said.code == 0, said.err
    assert f"variation 1 of job {job}: draft -> standard with tiny, seed 3" in said.out
    assert out.stat().st_size > 0
    jobs = inlay("jobs", "list", "--data", painting.data, "--json").json
    ours = inlay("jobs", "show", jobs[0]["job_id"], "--data", painting.data, "--json").json["recipe"]
    theirs = inlay("jobs", "show", job, "--data", painting.data, "--json").json["recipe"]
    for part in ("verb", "canvas", "where", "words"):
        assert ours[part] == theirs[part]
    how, before = ours["sampling"], theirs["sampling"]
    assert (how["model"], how["strength"]) == (before["model"], before["strength"])
    assert (how["seed"], how["count"], how["tier"]) == (3, 1, "standard")
    assert [one["role"] for one in ours["inputs"]] == ["draft"]
    assert jobs[0]["label"] == photo.name


@pytest.mark.parametrize(
    ("named", "more", "code", "words"),
    [
        ("{job}", (), 2, "it has 2 variations; name one, such as"),
        ("{job}:3", (), 5, "variation '3' does not exist; job {job} has 1 .. 2"),
        ("{job}:0", (), 2, "VARIATION is '0'; it must be a number from 1"),
        ("{job}:first", (), 2, "VARIATION is 'first'; it must be a number from 1"),
        ("ffffffff-nobody", (), 5, "job 'ffffffff-nobody' does not exist; `inlay jobs list` shows them"),
        ("{job}:1", ("--model", "nobody"), 5, "'nobody' does not exist"),
        ("{job}:1", ("--prompt", "a blue kite"), 2, "No such option: --prompt"),
        ("{job}:1", ("--tier", "draft"), 2, "--tier"),
    ],
    ids=[
        "no variation",
        "none of that number",
        "0",
        "no number",
        "no job",
        "no model",
        "another prompt",
        "no higher tier",
    ],
)
def test_what_cannot_be_promoted_is_refused_by_name(
    named: str,
    more: tuple[str, ...],
    code: int,
    words: str,
    inlay: Run,
    painting: Serving,
    draft: tuple[str, list[NDArray[np.uint8]]],
    photo: Path,
    tmp_path: Path,
) -> None:
    job, out = draft[0], tmp_path / "out.psd"

    said = inlay("jobs", "promote", named.format(job=job), photo, "--out", out, "--data", painting.data, *more)

    assert said.code == code, said.err
    assert words.format(job=job) in said.err
    assert not out.exists()


def test_a_job_of_an_engine_that_cannot_finish_drafts_says_so(
    inlay: Run, painting: Serving, photo: Path, mask: Path, tmp_path: Path
) -> None:
    erase = ("edit", photo, "--mask", mask, "--verb", "erase", "--out", tmp_path / "erased.png", "--json")
    job = inlay(*erase, "--data", painting.data).json["job_id"]
    again = ("jobs", "promote", job, photo, "--out", tmp_path / "out.png", "--data", painting.data)

    said = inlay(*again)

    assert said.code == 2
    assert "classic cannot finish a draft; name a model that does" in said.err
    assert inlay(*again, "--tier", "standard").err.startswith(
        "inlay: --tier is standard; the job was painted at standard; promoting needs a higher one"
    )
    assert not (tmp_path / "out.png").exists()


def test_a_draft_whose_pixels_the_server_dropped_has_to_be_made_again(
    inlay: Run, painting: Serving, fill: Callable[..., Said], photo: Path, tmp_path: Path
) -> None:
    job = fill("--tier", "draft", "--seed", 9, "--out", tmp_path / "draft.png").json["job_id"]
    promote = ("jobs", "promote", job, photo, "--data", painting.data)
    assert inlay(*promote, "--tier", "standard", "--out", tmp_path / "standard.png").code == 0
    newest = inlay("jobs", "list", "--data", painting.data, "--json").json[0]["job_id"]
    recipe = inlay("jobs", "show", newest, "--data", painting.data, "--json").json["recipe"]
    for raster in (recipe["canvas"]["source"], recipe["inputs"][0]["raster"]):
        (dropped,) = painting.data.rglob(raster["blob"])
        dropped.unlink()

    said = inlay(*promote, "--out", tmp_path / "out.png")

    assert said.code == 5
    assert "the server no longer has its inputs[0].raster.blob; make the draft again" in said.err


def test_a_picture_that_is_not_the_jobs_is_refused(
    inlay: Run, painting: Serving, draft: tuple[str, list[NDArray[np.uint8]]], pixels: NDArray[np.uint8], tmp_path: Path
) -> None:
    other = tmp_path / "other.png"
    other.write_bytes(imagecodecs.png_encode(255 - pixels))

    said = inlay("jobs", "promote", f"{draft[0]}:1", other, "--out", tmp_path / "out.png", "--data", painting.data)

    assert said.code == 2
    assert "PHOTO is another picture (or edited since)" in said.err


def test_a_job_that_was_taken_back_cannot_be_promoted(
    inlay: Run, painting: Serving, photo: Path, mask: Path, tmp_path: Path
) -> None:
    with Client(painting.address, token=painting.card.token) as client:
        wish = (
            "--mask",
            mask,
            "--verb",
            "fill",
            "--prompt",
            PROMPT,
            "--model",
            "tiny",
            "--tier",
            "final",
            "--count",
            "16",
        )
        command = [*INLAY, "edit", photo, *wish, "--data", painting.data, "--out", tmp_path / "many.ora"]
        running = subprocess.Popen(
            [str(part) for part in command], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        job = wait_for(lambda: next((job for job in client.jobs() if not job.state.ended), None)).job_id
        promote = ("jobs", "promote", f"{job}:1", photo, "--out", tmp_path / "out.png", "--data", painting.data)

        early = inlay(*promote)
        client.cancel(job)
        late = inlay(*promote)
        running.wait(60)

    assert (early.code, late.code) == (2, 2)
    assert f"JOB is {job}; it is running; wait for it with `inlay jobs watch`" in early.err
    assert f"JOB is {job}; it is cancelled; only one that is done can be promoted" in late.err
