"""An engine in front of a ComfyUI, imitated or real, and what that one says of its jobs."""

import json
import urllib.error
import urllib.request
from dataclasses import replace
from pathlib import Path
from typing import Any

from inlay.engines.models.remote_entry import Remote
from inlay.engines.remote.comfy_graph_file import references_of, stored
from support import comfy_graphs
from support.remote_edits import WINDOW, Room

JOB = "22222222-2222-4222-8222-222222222222"
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def room_for(address: str, folder: Path, graph: dict[str, Any] | str = comfy_graphs.INVERT, **more: Any) -> Room:
    """The graph, or the one of that name that Inlay brings, added as `inlay models add comfyui` does it."""
    folder.mkdir(exist_ok=True)
    remote = Remote(address, multiple=32, mask="white", **more)
    given = graph if isinstance(graph, str) else str(comfy_graphs.written(graph, folder / "graph.json"))
    path, digest, files, _ = stored(given, folder / "graphs" / "kept.json", remote)
    return Room(folder, "comfyui", replace(remote, references=references_of(path)), path, digest, files=files)


def raw(room: Room, recipe: Any = None, job_id: str = JOB) -> list[Any]:
    """What the engine answers, before anything is fitted."""
    from inlay.edit.sight import look

    recipe = recipe or room.recipe()
    scene = look(recipe, room.blobs).scene(WINDOW.size)
    return list(room.registry.engine("away").paint(scene, recipe, room.progress(job_id)))


def paint(address: str, folder: Path, graph: dict[str, Any], job_id: str) -> None:
    """As above, for a process of its own."""
    raw(room_for(address, folder, graph), job_id=job_id)


def asked(server: Any, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
    """Status and body."""
    request = urllib.request.Request(server.address + path, body, headers, method=method)
    try:
        with _OPENER.open(request, timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def posted(server: Any, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    status, data = asked(server, "POST", path, json.dumps(body).encode())
    return status, json.loads(data or b"{}")


def got(server: Any, path: str) -> dict[str, Any]:
    return json.loads(asked(server, "GET", path)[1])


def uploaded(server: Any, name: str, data: bytes, **fields: str) -> tuple[int, dict[str, Any]]:
    head = "".join(
        f'--b\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n' for field, value in fields.items()
    )
    head += f'--b\r\nContent-Disposition: form-data; name="image"; filename="{name}"\r\n\r\n'
    body = head.encode() + data + b"\r\n--b--\r\n"
    status, told = asked(server, "POST", "/upload/image", body, **{"content-type": "multipart/form-data; boundary=b"})
    return status, json.loads(told or b"{}")


def waiting(server: Any) -> list[str]:
    """Ids of the jobs that run or wait there."""
    told = got(server, "/queue")
    return [job[1] for job in (*told["queue_running"], *told["queue_pending"])]


def running(server: Any) -> list[str]:
    return [job[1] for job in got(server, "/queue")["queue_running"]]


def finished(server: Any, job: str) -> dict[str, Any]:
    """What the history has of a job; empty before its end."""
    return got(server, f"/history/{job}").get(job, {})
