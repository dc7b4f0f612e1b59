"""What a plan announces of pictures that leave is counted where they arrive: at the socket of the imitated provider.

The references are noise, which nothing packs; a thin one among them, as every row of a file has a byte of its own.
"""

import copy
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from inlay.color.raster import Raster, SampleType
from inlay.edit.plan import Leaving, plan
from inlay.engines.models.remote_entry import Remote
from inlay.recipe import Canvas, Input, Where
from inlay.region import Rect, Size
from support import comfy_graphs, comfy_rooms
from support import image_servers as away
from support.comfy_server import comfy_server
from support.remote_edits import CENTER, DOCUMENT, RADIUS, WINDOW, Room

THIN = Size(1, 90)


def noise(room: Room, sizes: list[Size]) -> tuple[Input, ...]:
    random = np.random.default_rng(3)
    made: list[Input] = []
    for size in sizes:
        pixels = random.integers(0, 256, (size.height, size.width, 3), np.uint8)
        name = room.blobs.add(pixels.tobytes())
        made.append(Input("reference", Raster(*size, "RGB", SampleType.U8, 255, "sRGB IEC61966-2.1", name)))
    return tuple(made)


def announced(room: Room, references: list[Size], count: int) -> Leaving:
    leaving = plan(room.registry, DOCUMENT, WINDOW, "fill", model="away", count=count, references=references).leaving
    assert leaving
    return leaving


def arrived(got: away.Received, first: int, last: int) -> int:
    """Bytes of the files of a request from number `first` on, as they travelled."""
    if not got.body.startswith(b"{"):
        return sum(len(file) for _, _, file in got.files[first:last])
    parts = json.loads(got.body)["contents"][0]["parts"]
    return sum(len(part["inlineData"]["data"]) for part in parts[first:last])


@pytest.mark.slow
@pytest.mark.parametrize("dialect", ["openai", "gemini"])
def test_what_is_announced_of_references_is_what_arrives(dialect: str, tmp_path: Path) -> None:
    painted = away.Manners(away.disc(*CENTER, RADIUS, WINDOW.size))
    with away.image_server(dialect, painted) as server:
        facts: dict[str, Any] = {"model": "m", "sends_pixels_to": "Imitation Inc.", "references": 2}
        kind = {"openai": "images_api", "gemini": "gemini"}[dialect]
        room = Room(tmp_path, kind, Remote(server.address, mask="both" if dialect == "openai" else "none", **facts))
        sizes = [Size(200, 150), THIN]

        room.edit(room.recipe(inputs=noise(room, sizes), count=2))

        sent = sum(arrived(got, 1, 3) for got in server.received)
        said = announced(room, sizes, 2).bytes - announced(room, [], 2).bytes
        assert announced(room, sizes, 2).references == 2
        assert sent <= said <= 1.05 * sent + 1500


@pytest.mark.slow
def test_files_arrive_once_for_all_variations_of_a_graph_and_are_announced_so(tmp_path: Path) -> None:
    with comfy_server() as server:
        graph = with_two_references()
        room = comfy_rooms.room_for(server.address, tmp_path, graph, sends_pixels_to="a machine in the studio")
        server.log.clear()
        sizes = [THIN, WINDOW.size]

        comfy_rooms.raw(room, room.recipe(inputs=noise(room, sizes), count=3))

        files = [len(data) for (_, folder, _), data in server.state.files.items() if folder == "inlay"]
        assert len(files) == server.log.count(("POST", "/upload/image")) == 4
        assert sum(files) <= announced(room, sizes, 3).bytes
        unpacked = 3 * (sizes[0].area + sizes[1].area)
        assert unpacked < announced(room, sizes, 3).bytes - announced(room, [], 3).bytes < 1.05 * unpacked + 1500


@pytest.mark.slow
@pytest.mark.parametrize(
    ("dialect", "area"), [("openai", Size(4000, 200)), ("openai", Size(200, 4000)), ("gemini", Size(2000, 100))]
)
def test_of_a_long_window_what_it_is_padded_with_is_announced_too(dialect: str, area: Size, tmp_path: Path) -> None:
    with away.image_server(dialect) as server:
        kind = {"openai": "images_api", "gemini": "gemini"}[dialect]
        facts: dict[str, Any] = {"model": "m", "sends_pixels_to": "Imitation Inc."}
        room = Room(tmp_path, kind, Remote(server.address, mask="both" if dialect == "openai" else "none", **facts))
        planned = plan(room.registry, area, Rect(0, 0, *area), "fill", model="away", count=2)
        window = planned.window.bounds
        random = np.random.default_rng(3)
        pixels = random.integers(0, 256, (window.height, window.width, 3), np.uint8)
        mask = random.integers(0, 256, (window.height, window.width), np.uint8)
        source = Raster(*window.size, "RGB", SampleType.U8, 255, "sRGB IEC61966-2.1", room.blobs.add(pixels.tobytes()))
        raster = Raster(*window.size, "Y", SampleType.U8, 255, "", room.blobs.add(mask.tobytes()))

        room.edit(room.recipe(canvas=Canvas(area, window, source), where=Where(window, raster)))

        (got,) = server.received
        shown = Image.open(io.BytesIO(got.files[0][2])).size
        each = {"openai": 3 + 4, "gemini": 3 * 4 / 3}[dialect] * shown[0] * shown[1]
        assert planned.leaving
        assert shown[0] * shown[1] > 2 * planned.window.working.area
        assert 2 * arrived(got, 0, 2 if dialect == "openai" else 1) <= planned.leaving.bytes
        assert 2 * each < planned.leaving.bytes < 2 * 1.05 * each + 1500


def with_two_references() -> dict[str, Any]:
    """A graph that inverts the second one."""
    graph: dict[str, Any] = copy.deepcopy(comfy_graphs.INVERT)
    for node, number in (("11", 2), ("12", 1)):
        title = {"_meta": {"title": f"Inlay reference {number}"}}
        graph[node] = {"class_type": "LoadImage", "inputs": {"image": "x.png"}} | title
    graph["3"]["inputs"]["image"] = ["11", 0]
    return graph
