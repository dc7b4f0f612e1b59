"""The scripts in examples/, as a user runs them: against a real `inlay serve`, on real files, with public names only."""

import ast
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from skimage import color as colors

import inlay.client
import inlay.documents
import inlay.errors
from cli.conftest import Said, Serving
from inlay.client import Client, JobState, probe_document
from support.image_servers import soon

pytestmark = pytest.mark.slow

EXAMPLES = Path(__file__).parents[2] / "examples"
NAVY = (0x1F, 0x4E, 0x79)


@pytest.fixture
def example(server: Serving, environment: dict[str, str]) -> Callable[..., Said]:
    """Run a script of examples/ for a user on whose machine the server runs."""

    def run(name: str, *arguments: object) -> Said:
        command = [sys.executable, EXAMPLES / name, *arguments, "--server", server.address]
        theirs = {**environment, "INLAY_DATA": str(server.data)}
        done = subprocess.run(
            [str(part) for part in command], capture_output=True, text=True, env=theirs, timeout=240, check=False
        )
        return Said(done.returncode, done.stdout, done.stderr)

    return run


def test_a_file_is_edited_and_what_was_not_selected_keeps_its_bits(
    example: Callable[..., Said],
    photo: Path,
    mask: Path,
    pixels: NDArray[np.uint8],
    selection: NDArray[np.uint8],
    tmp_path: Path,
) -> None:
    out = tmp_path / "result.png"
    said = example("edit_file.py", photo, mask, out)
    assert said.code == 0, said.err
    assert "painted by classic" in said.out
    edited = np.asarray(Image.open(out))
    assert np.array_equal(edited[selection == 0], pixels[selection == 0])
    assert (edited[selection == 255] != pixels[selection == 255]).any()


def test_a_job_is_watched_to_its_end(example: Callable[..., Said], photo: Path, mask: Path) -> None:
    said = example("watch_and_cancel.py", photo, mask, "--at-most", 600)
    assert said.code == 0, said.err
    assert "variation 1 is there" in said.out
    assert "done in" in said.out


def test_a_job_that_takes_too_long_is_taken_back(example: Callable[..., Said], client: Client, tmp_path: Path) -> None:
    """A hole of a megapixel in noise, which takes the engine far longer than a call takes the client."""
    picture, hole = (
        np.random.default_rng(7).integers(0, 256, (1400, 1400, 3), np.uint8),
        np.zeros((1400, 1400), np.uint8),
    )
    hole[200:1200, 200:1200] = 255
    for name, samples in (("noise.png", picture), ("hole.png", hole)):
        (tmp_path / name).write_bytes(imagecodecs.png_encode(samples, level=1))

    said = example("watch_and_cancel.py", tmp_path / "noise.png", tmp_path / "hole.png", "--at-most", 0)

    assert said.code == 3, said.err
    (job_id,) = re.findall(r"^job (\S+)$", said.out, re.MULTILINE)
    soon(lambda: next(job for job in client.jobs() if job.job_id == job_id).state.ended)
    (job,) = [job for job in client.jobs() if job.job_id == job_id]
    assert job.state is JobState.CANCELLED


def test_several_files_get_a_brands_colour(
    example: Callable[..., Said], photo: Path, mask: Path, selection: NDArray[np.uint8], tmp_path: Path
) -> None:
    other = tmp_path / "other.png"
    rows, columns = np.mgrid[: selection.shape[0], : selection.shape[1]]
    cloth = 110 + 40 * np.sin(rows / 17) * np.cos(columns / 23)
    other.write_bytes(imagecodecs.png_encode(np.stack([cloth, cloth * 0.6, cloth * 0.5], -1).astype(np.uint8)))

    said = example("brand_color.py", "#1f4e79", tmp_path / "out", photo, mask, other, mask)

    assert said.code == 0, said.err
    for name in (photo.name, other.name):
        shown = np.asarray(Image.open(tmp_path / "out" / name))[selection == 255]
        assert delta_e_of_the_mean(shown, NAVY) < 1.0
        assert re.search(rf"^{name}: #\w+ -> #\w+, dE2000 [\d.]+ -> 0\.\d\d$", said.out, re.MULTILINE), said.out


def test_the_client_reads_a_colour_as_an_averaging_eyedropper_does(client: Client, tmp_path: Path) -> None:
    picture = np.zeros((40, 60, 3), np.uint8)
    picture[10:30, 20:50] = NAVY
    (tmp_path / "flat.png").write_bytes(imagecodecs.png_encode(picture))
    mask = np.zeros((40, 60), np.uint8)
    mask[12:28, 22:48] = 255

    reading = probe_document(client, inlay.documents.read(tmp_path / "flat.png"), mask, "#1f4e79")

    assert reading.pixels == 16 * 26
    assert reading.hex == "#1f4e79"
    assert reading.document_mean == pytest.approx(NAVY, abs=1e-3)
    assert reading.document_spread == pytest.approx((0, 0, 0), abs=1e-3)
    assert reading.delta_e == pytest.approx(0, abs=0.01)
    other = probe_document(client, inlay.documents.read(tmp_path / "flat.png"), mask)
    assert other.delta_e is None


def test_a_file_that_cannot_be_read_does_not_keep_the_others_from_their_colour(
    example: Callable[..., Said], photo: Path, mask: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\nno picture")
    said = example("brand_color.py", "#1f4e79", tmp_path / "out", broken, mask, photo, mask)
    assert said.code == 1
    assert "not reached: broken.png" in said.err
    assert (tmp_path / "out" / photo.name).exists()


def delta_e_of_the_mean(pixels: NDArray[np.uint8], color: tuple[int, int, int]) -> float:
    """CIEDE2000 by scikit-image, from the mean in linear light, as an averaging eyedropper takes it."""
    encoded = pixels.astype(np.float64) / 255
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4).mean(axis=0)
    mean = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    target = np.array(color, np.float64) / 255
    return float(colors.deltaE_ciede2000(colors.rgb2lab(mean), colors.rgb2lab(target)))


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.name)
def test_examples_use_public_names_only(path: Path) -> None:
    public = {
        "inlay": {"documents", "errors", "__version__"},
        "inlay.client": set(inlay.client.__all__),
        "inlay.documents": set(inlay.documents.__all__),
        "inlay.errors": {name for name in vars(inlay.errors) if not name.startswith("_")},
    }
    imports = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.ImportFrom)]
    ours = [(node.module, {alias.name for alias in node.names}) for node in imports if node.module]
    used = [(module, names) for module, names in ours if module.partition(".")[0] == "inlay"]
    assert used
    for module, names in used:
        assert names <= public.get(module, set()), module
