"""The history: everything that was made, newest first, found again by its words, with a picture and the retoucher's judgement."""

import io
import shutil
import signal
import uuid
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from inlay.client import Client, HistoryEntry, Rating, Recipe, Ticket
from inlay.color.raster import Raster, SampleType
from inlay.errors import InvalidInput, NotFound
from inlay.recipe import Canvas, Where
from inlay.region import Rect, Size
from inlay.v1 import history_pb2, inlay_pb2, job_pb2
from rpc.doors import Refused, call
from rpc.process import RunningServer, running_server

pytestmark = pytest.mark.slow

NOBODY = "no document has this name"


@pytest.fixture
def label() -> str:
    """A document that no other test has."""
    return f"photo {uuid.uuid4()}.kra"


@dataclass
class Studio:
    """Somebody who paints at a server."""

    client: Client
    recipe: Recipe

    def paint(self, label: str, **changes: object) -> str:
        job_id = str(uuid.uuid4())
        self.client.submit(job_id, self.recipe.altered(**changes), Ticket(label))
        list(self.client.watch(job_id))
        return job_id

    def all(self, label: str, **asked: object) -> list[HistoryEntry]:
        entries, following = self.client.history(label, **asked)  # pyright: ignore[reportArgumentType]
        assert not following
        return entries


@pytest.fixture
def studio(client: Client, recipe: Recipe, pixels: bytes, selection: bytes) -> Studio:
    client.upload(pixels)
    client.upload(selection)
    return Studio(client, recipe)


def shown(entry: HistoryEntry) -> np.ndarray:
    with Image.open(io.BytesIO(entry.thumbnail)) as picture:
        assert picture.format == "PNG"
        return np.asarray(picture)


def test_every_door_lists_each_finished_variation_newest_first(door, studio: Studio, label):
    first = studio.paint(label, prompt="a red kite", count=2, seed=4_294_967_295)
    second = studio.paint(label, count=1, seed=7)
    answer = call(door, "ListHistory", history_pb2.ListHistoryRequest(label=label))
    assert [(entry.job_id, entry.variation, entry.seed) for entry in answer.entries] == [
        (second, 0, 7),
        (first, 1, 0),
        (first, 0, 4_294_967_295),
    ]
    assert answer.next == ""
    newest, oldest = answer.entries[0], answer.entries[-1]
    assert (oldest.title, oldest.verb, oldest.prompt, oldest.model) == ("a red kite", "erase", "a red kite", "inverter")
    assert newest.title == "Erase"
    assert oldest.seconds == pytest.approx(0.1), "as long as the painter says, without what came before"
    assert oldest.rating == job_pb2.RATING_UNSPECIFIED
    (job,) = [job for job in studio.client.jobs(label) if job.job_id == first]
    assert oldest.submitted_unix_ms == job.submitted_unix_ms


def test_two_documents_do_not_mix(studio: Studio, label):
    mine, others = studio.paint(label, count=1), studio.paint(f"{label} (copy)", count=1)
    assert [entry.job_id for entry in studio.all(label)] == [mine]
    assert [entry.job_id for entry in studio.all(f"{label} (copy)")] == [others]
    assert {mine, others} <= {entry.job_id for entry in studio.client.history(limit=100)[0]}
    assert studio.all(NOBODY) == []


def test_what_is_not_finished_is_not_there(studio: Studio, label):
    job_id = str(uuid.uuid4())
    studio.client.submit(job_id, studio.recipe.altered(prompt="slow"), Ticket(label))
    next(studio.client.watch(job_id))
    assert studio.all(label) == []
    studio.client.cancel(job_id)
    assert studio.all(label) == []


@pytest.mark.parametrize(
    ("search", "found"),
    [
        pytest.param("kite", {"kite", "both"}, id="a word"),
        pytest.param("KITE  red", {"both"}, id="every word, in any order and case"),
        pytest.param("GRÖSSE", {"large"}, id="beyond ASCII"),
        pytest.param("inverter red", {"both"}, id="the model"),
        pytest.param("eras", {"kite", "both", "large", "wordless"}, id="what the verb is titled"),
        pytest.param("green", set(), id="nothing"),
        pytest.param("%", set(), id="no wildcards"),
    ],
)
def test_it_is_searched(studio: Studio, searched_label, search, found):
    names = {"blue kite": "kite", "Red kite": "both", "Größe XL": "large", "": "wordless"}
    assert {names[entry.prompt] for entry in studio.all(searched_label, search=search)} == found


@pytest.fixture(scope="module")
def searched_label(server: RunningServer, pixels: bytes, selection: bytes, module_recipe: Recipe) -> str:
    label = f"searched {uuid.uuid4()}"
    with Client(server.address) as client:
        client.upload(pixels)
        client.upload(selection)
        studio = Studio(client, module_recipe)
        for prompt in ("blue kite", "Red kite", "Größe XL", ""):
            studio.paint(label, prompt=prompt, count=1)
    return label


@pytest.fixture(scope="module")
def module_recipe(pixels: bytes, selection: bytes) -> Recipe:
    from hashlib import sha256

    source = Raster(96, 64, "BGR", SampleType.U16, 65_535, "sRGB", sha256(pixels).hexdigest())
    mask = Raster(32, 24, "Y", SampleType.U8, 255, "", sha256(selection).hexdigest())
    return Recipe("erase", Canvas(Size(640, 480), Rect(10, 20, 96, 64), source), Where(Rect(40, 40, 32, 24), mask))


def test_titles_are_in_the_asked_language_and_searched_in_it(studio: Studio, label):
    studio.paint(label, count=1)
    assert [entry.title for entry in studio.all(label, locale="de-AT")] == ["Entfernen"]
    assert len(studio.all(label, search="entfern", locale="de")) == 1
    assert studio.all(label, search="entfern") == []


def test_a_long_one_comes_in_pages_that_what_is_painted_meanwhile_does_not_shift(studio: Studio, label):
    jobs = [studio.paint(label, count=2) for _ in range(2)]
    first, cursor = studio.client.history(label, limit=3)
    studio.paint(label, count=1)
    second, end = studio.client.history(label, limit=3, cursor=cursor)
    assert [(entry.job_id, entry.variation) for entry in (*first, *second)] == [
        (job, variation) for job in reversed(jobs) for variation in (1, 0)
    ]
    assert (len(first), len(second), end) == (3, 1, "")


@pytest.mark.parametrize(
    ("asked", "field"),
    [({"limit": 101}, "limit"), ({"cursor": "yesterday"}, "cursor"), ({"search": "x" * 257}, "search")],
)
def test_what_cannot_be_listed_is_refused_by_name(door, asked, field):
    with pytest.raises(Refused) as refused:
        call(door, "ListHistory", history_pb2.ListHistoryRequest(**asked))
    assert (refused.value.code, refused.value.facts.field) == ("INVALID_ARGUMENT", field)


def test_a_judgement_is_kept_and_the_last_one_counts(door, studio: Studio, label):
    job_id = studio.paint(label, count=2)

    def rate(rating: int, variation: int = 0, job: str = job_id) -> None:
        call(
            door,
            "RateVariation",
            inlay_pb2.RateVariationRequest(job_id=job, variation=variation, rating=rating),  # pyright: ignore
        )

    rate(job_pb2.RATING_REJECTED)
    for _ in range(2):
        rate(job_pb2.RATING_KEPT)
    assert [entry.rating for entry in studio.all(label)] == [None, Rating.KEPT]
    for wrong, code in (
        (lambda: rate(job_pb2.RATING_UNSPECIFIED), "INVALID_ARGUMENT"),
        (lambda: rate(job_pb2.RATING_KEPT, variation=2), "NOT_FOUND"),
        (lambda: rate(job_pb2.RATING_KEPT, job=str(uuid.uuid4())), "NOT_FOUND"),
        (lambda: rate(job_pb2.RATING_KEPT, job="no id"), "INVALID_ARGUMENT"),
    ):
        with pytest.raises(Refused) as refused:
            wrong()
        assert refused.value.code == code
    with pytest.raises(NotFound):
        studio.client.rate(job_id, 2, Rating.KEPT)
    with pytest.raises(InvalidInput):
        studio.client.rate("no id", 0, Rating.KEPT)
    assert [entry.rating for entry in studio.all(label)] == [None, Rating.KEPT]


def test_it_survives_the_server_and_the_pixels(tmp_path: Path, recipe, pixels, selection, label):
    with running_server(tmp_path / "data") as server, Client(server.address) as client:
        client.upload(pixels)
        client.upload(selection)
        studio = Studio(client, recipe)
        job_id = studio.paint(label, count=2)
        client.rate(job_id, 1, Rating.KEPT)
        before = studio.all(label)
        server.stop(signal.SIGKILL)
        shutil.rmtree(server.data_dir / "blobs")
        server.restart(signal.SIGKILL)
        assert studio.all(label) == before
        assert before[0].rating is Rating.KEPT
        assert all(entry.thumbnail for entry in before)


def test_a_thumbnail_shows_the_result_in_srgb_and_nothing_around_it(client: Client, label):
    """The painter turns the window upside down; what is expected is computed by LittleCMS from the pixels that were sent."""
    height, width = 300, 800
    rows, columns = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    sent = np.rint(np.dstack([rows, columns, 1 - rows]) * 248).astype(np.uint8)
    icc = wide_profile()
    source = Raster(width, height, "RGB", SampleType.U8, 255, "", client.upload(sent.tobytes()).sha256, icc)
    region = Rect(100, 100, 40, 30)
    mask = Raster(40, 30, "Y", SampleType.U8, 255, "", client.upload(b"\xff" * 1200).sha256)
    canvas = Canvas(Size(width, height), Rect(0, 0, width, height), source)
    Studio(client, Recipe("erase", canvas, Where(region, mask))).paint(label, seed=0)
    (entry,) = client.history(label)[0]
    found = shown(entry).astype(float)
    assert found.shape == (72, 192, 3)
    turned = Image.fromarray(np.ascontiguousarray(sent[::-1]))
    profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
    in_srgb = ImageCms.profileToProfile(turned, profile, ImageCms.createProfile("sRGB"))
    expected = np.asarray(in_srgb.resize((192, 72), Image.Resampling.BOX), float)
    unmanaged = np.asarray(turned.resize((192, 72), Image.Resampling.BOX), float)
    inside = (slice(4, -4), slice(4, -4))
    assert np.abs(found - expected)[inside].max() <= 4
    assert np.abs(unmanaged - expected)[inside].max() > 30, "the profile must matter, or this shows nothing"


def wide_profile() -> bytes:
    """A profile whose colours are far from sRGB's."""
    from inlay.color.profiles import profile_bytes

    return profile_bytes(Raster(1, 1, "RGB", SampleType.U8, 255, "Adobe RGB (1998)", "0" * 64))
