"""How long a clip will take is said by how long it is asked to be, before anything is captured."""

from pathlib import Path

import numpy as np
import pytest

from inlay.client import Client
from inlay.client.edit import Answered, Wish, ask
from inlay.documents import Document
from inlay.errors import InvalidInput
from inlay.recipe import Option, Verb
from inlay.region import Rect, Size
from rpc.process import running_server
from support.moving import GRID

pytestmark = pytest.mark.slow

SIZE = Size(64, 48)


def asked(client: Client, **options: Option) -> Answered:
    picture = np.random.default_rng(3).integers(0, 65_536, (SIZE.height, SIZE.width, 3), np.uint16)
    document = Document(picture, "RGB", "sRGB IEC61966-2.1", b"", Path("still.png"), "png")
    whole = np.full((SIZE.height, SIZE.width), 255, np.uint8)
    return ask(client, document, whole, Wish(Verb.ANIMATE, seed=1, model="mover", options=options))


def foreseen(client: Client, **options: Option) -> float | None:
    return client.plan(SIZE, Rect(0, 0, *SIZE), Verb.ANIMATE, model="mover", options=options).estimate_s


def test_a_clip_is_foreseen_by_its_own_length(tmp_path: Path) -> None:
    with (
        running_server(tmp_path / "data", engines="support.moving:registry_of") as running,
        Client(running.address) as client,
    ):
        assert foreseen(client, seconds=1.0) is None, "nothing like it was measured"
        assert asked(client, seconds=1.0).plan.estimate_s is None

        one = foreseen(client, seconds=1.0)
        assert one
        a_picture_s = one / (GRID.fps + 1)
        assert foreseen(client, seconds=5.0) == pytest.approx(41 * a_picture_s)
        assert foreseen(client) == foreseen(client, seconds=5.0), "as long as the form begins with"
        assert foreseen(client, seconds=5.0, frames=21.0) == pytest.approx(21 * a_picture_s), "pictures go before time"
        planned = asked(client, seconds=2.0).plan.estimate_s
        assert planned == pytest.approx(17 * a_picture_s), "what is told of an edit on its way, too"


def test_a_length_that_no_clip_has_is_refused_by_its_name(tmp_path: Path) -> None:
    refused: list[tuple[str, Option, str]] = [
        ("seconds", "long", "it must be a number"),
        ("seconds", 11.0, "it must be 0.25 .. 10"),
        ("frames", 1e9, "it must be 0 .. 257"),
        ("reel", 1.0, "animate has: frames, hold_light, seconds"),
    ]
    with (
        running_server(tmp_path / "data", engines="support.moving:registry_of") as running,
        Client(running.address) as client,
    ):
        for name, value, limit in refused:
            with pytest.raises(InvalidInput, match=limit) as error:
                foreseen(client, **{name: value})
            assert error.value.field == f"options.{name}"
