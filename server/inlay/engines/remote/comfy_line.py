"""What is said to a ComfyUI: files up, a job in, how it goes, its pictures out, and that job taken back, never another's.

Reference: https://docs.comfy.org/development/comfyui-server/comms_routes and comms_messages.
"""

import asyncio
import contextlib
import json
import struct
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import quote

import numpy as np
import websockets.asyncio.client
import websockets.exceptions
from numpy.typing import NDArray

from inlay.engines.models.remote_entry import Remote
from inlay.engines.remote.buying import parsed
from inlay.engines.remote.pictures import pixels_of
from inlay.engines.remote.wire import BrokenOff, NotReached, Request, Wire
from inlay.errors import BadAnswer, Declined, InlayError

FOLDER = "inlay"
"""In ComfyUI's folders for temporary files and for results."""

FIRST_LOOK_S, LONGEST_LOOK_S = 0.01, 0.5
"""How often it is asked how a job goes that is not heard; of one that is heard, as seldom as the longest."""
GREETING_S = 1.0
"""So long a ComfyUI may take to say the first word to a socket."""
QUIET_S = 0.1
"""After so long the place of a job in the line is asked for, the first time."""
MAX_FRAME_BYTES = 16 * 2**20
_PREVIEW_OF_A_JOB = 4


File = tuple[str, bytes]
"""Name and content."""
GraphOf = Callable[[Sequence[str]], Any]
"""The graph, given what its nodes are to call the files."""


class Ears(Protocol):
    """Who hears how a job goes."""

    def step(self, node: str, index: int, total: int) -> None:
        """Step `index` of `total` of a node."""
        ...

    def preview(self, pixels: NDArray[np.float32]) -> None: ...

    def waits(self, position: int) -> None:
        """So many others are before it in that ComfyUI's own line, whoever sent them; 0 while it runs."""
        ...


class ComfyLine:
    """One ComfyUI. check: raises once our own job was cancelled."""

    def __init__(self, remote: Remote, check: Callable[[], None], wire: Wire | None = None) -> None:
        self._remote = remote
        self._check = check
        self._wire = wire or Wire(remote.address, 120.0, keeps_lines=True)

    def checking(self, check: Callable[[], None]) -> "ComfyLine":
        """The same line for another job."""
        return ComfyLine(self._remote, check, self._wire)

    def exact(self) -> bool:
        """Whether pictures travel as floats both ways."""
        return bool(self.node("SaveImageAdvanced")) and self.version() >= (0, 24)

    def version(self) -> tuple[int, ...]:
        told = self._json("/system_stats").get("system", {}).get("comfyui_version", "0")
        return tuple(int(part) for part in str(told).lstrip("v").split(".") if part.isdigit())

    def node(self, kind: str) -> dict[str, Any]:
        """What is known of a class of nodes; empty where there is none."""
        return self._json(f"/object_info/{quote(kind, safe='')}").get(kind, {})

    def run(self, prompt_id: str, files: Sequence[File], graph_of: GraphOf, ears: Ears) -> dict[str, Any] | None:
        """What is in the history of a job once it has left the queue; None where it was lost. ears: hear of it meanwhile.

        A job that is there is not queued again, and a file that is there does not travel again.

        Raises NotReached, BrokenOff; Declined, saying by node what is wrong with the graph.
        """
        return self._wire.watched(self._run(prompt_id, files, graph_of, ears), self._check)

    async def _run(self, prompt_id: str, files: Sequence[File], graph_of: GraphOf, ears: Ears) -> dict[str, Any] | None:
        opened, ended = asyncio.Event(), asyncio.Event()
        hearing = asyncio.ensure_future(self._hear(prompt_id, ears, opened, ended))
        greeting, ending = (asyncio.ensure_future(event.wait()) for event in (opened, ended))
        try:
            found, *there = await _together(self._found(prompt_id), *(self._is_there(name) for name, _ in files))
            if isinstance(found, dict):
                return found
            names: list[str] = []
            if found is None:
                names = await _together(
                    *(self._brought(*file, is_there) for file, is_there in zip(files, there, strict=True))
                )
            # From then on no end goes unheard: one that was before is in the history.
            await asyncio.wait({hearing, greeting}, timeout=GREETING_S, return_when=asyncio.FIRST_COMPLETED)
            if found is None:
                await self._submit(graph_of(names), prompt_id)
                await asyncio.wait({hearing, ending}, timeout=QUIET_S, return_when=asyncio.FIRST_COMPLETED)
            return await self._end(prompt_id, hearing, ending, ears)
        finally:
            await _ended(hearing, greeting, ending)

    async def _end(
        self, prompt_id: str, hearing: asyncio.Future[None], ending: asyncio.Future[Any], ears: Ears
    ) -> dict[str, Any] | None:
        """As `run`, of a job that was queued. hearing: done where nothing is heard any more; ending: where the end was heard."""
        pause_s = FIRST_LOOK_S
        while (found := await self._ended_as(prompt_id)) is None:
            place = await self._place(prompt_id)
            if place is None:  # it ended between both looks, or was lost
                return await self._ended_as(prompt_id)
            ears.waits(place)
            if hearing.done() or ending.done():
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 1.3, LONGEST_LOOK_S)
            else:
                await asyncio.wait({hearing, ending}, timeout=LONGEST_LOOK_S, return_when=asyncio.FIRST_COMPLETED)
        return found

    async def _found(self, prompt_id: str) -> dict[str, Any] | int | None:
        """What is in the history of a job, or its place in the line; None where nobody knows it.

        First the line: whoever has left it is in the history.
        """
        place = await self._place(prompt_id)
        return await self._ended_as(prompt_id) if place is None else place

    async def _is_there(self, name: str) -> bool:
        params = {"filename": name, "subfolder": FOLDER, "type": "temp"}
        return (await self._wire.sent(Request("HEAD", "/view", params=params))).status == 200

    async def _brought(self, name: str, data: bytes, is_there: bool) -> str:
        """A file, as a node is to name it."""
        if not is_there:
            files = [("image", (name, data, "application/octet-stream"))]
            fields = {"subfolder": FOLDER, "type": "temp", "overwrite": "true"}
            answer = await self._wire.sent(Request("POST", "/upload/image", data=fields, files=files))
            if answer.status != 200:
                raise Declined(f"{self._remote.to} does not take a file of {len(data)} bytes ({answer.status})")
            name = str(parsed(answer.body).get("name", name))
        return f"{FOLDER}/{name} [temp]"

    async def _submit(self, graph: Any, prompt_id: str) -> None:
        body = {
            "prompt": graph,
            "prompt_id": prompt_id,
            "client_id": _client(prompt_id),
            "extra_data": {"client_id": _client(prompt_id), "preview_method": "auto"},
        }
        answer = await self._wire.sent(Request("POST", "/prompt", json=body))
        told = parsed(answer.body)
        errors = told.get("node_errors")
        if answer.status != 200:
            error = told.get("error")
            what = str(error.get("message", "")) if isinstance(error, dict) else str(error or "")
            raise Declined(f"{self._remote.to} declines the graph: {_named(errors) or what[:200]}")
        if errors:  # it would run a part of it; whoever asked takes it back
            raise Declined(f"{self._remote.to} declines the graph: {_named(errors)}")

    def is_queued(self, prompt_id: str) -> bool:
        """Whether a job waits or runs there."""
        return _place(self._json("/queue"), prompt_id) is not None

    def picture(self, facts: dict[str, Any]) -> bytes | None:
        """A result's file; None where it is gone."""
        params = {name: str(facts.get(name, "")) for name in ("filename", "subfolder", "type")}
        answer = self._wire.call(Request("GET", "/view", params=params), self._check, MAX_FRAME_BYTES * 40)
        return answer.body if answer.status == 200 else None

    def take_back(self, prompt_id: str) -> None:
        """Cancel this job, waiting or running; no other. What cannot be reached is left."""

        def patient() -> None: ...

        with contextlib.suppress(NotReached, BrokenOff, InlayError):
            for _ in range(20):
                answer = self._wire.call(Request("POST", f"/api/jobs/{prompt_id}/cancel", json={}), patient)
                if answer.status == 404:  # an older one, or it is gone
                    self._wire.call(Request("POST", "/queue", json={"delete": [prompt_id]}), patient)
                    self._wire.call(Request("POST", "/interrupt", json={"prompt_id": prompt_id}), patient)
                if not self.checking(patient).is_queued(prompt_id):
                    return
                self._wire.watched(asyncio.sleep(0.1), patient)  # a cancel between two states can be swallowed

    def _json(self, path: str) -> dict[str, Any]:
        answer = self._wire.call(Request("GET", path), self._check)
        if answer.status != 200:
            raise Declined(
                f"{self._remote.to} does not answer {path.split('?')[0]} as a ComfyUI does ({answer.status})"
            )
        return parsed(answer.body)

    async def _place(self, prompt_id: str) -> int | None:
        """How many others are before a job; None where it neither waits nor runs."""
        return _place(parsed((await self._wire.sent(Request("GET", "/queue"))).body), prompt_id)

    async def _ended_as(self, prompt_id: str) -> dict[str, Any] | None:
        """What is in the history of a job; None before its end."""
        answer = await self._wire.sent(Request("GET", f"/history/{prompt_id}"))
        found = parsed(answer.body).get(prompt_id) if answer.status == 200 else None
        return found if isinstance(found, dict) else None

    async def _hear(self, prompt_id: str, ears: Ears, opened: asyncio.Event, ended: asyncio.Event) -> None:
        """Progress and previews, as long as the socket lives. Without it the job goes on.

        opened: set once something is heard. ended: set at the job's end.
        """
        address = f"ws{self._remote.address.removeprefix('http')}/ws?clientId={_client(prompt_id)}"
        with contextlib.suppress(OSError, TimeoutError, websockets.exceptions.WebSocketException):
            async with websockets.asyncio.client.connect(
                address,
                proxy=None,
                max_size=MAX_FRAME_BYTES,
                open_timeout=5,
                user_agent_header="inlay",
                compression=None,  # what is large comes as JPEG
            ) as socket:
                await socket.send(json.dumps({"type": "feature_flags", "data": {"supports_preview_metadata": True}}))
                async for message in socket:
                    opened.set()  # the first word comes to whoever will be told the others
                    if isinstance(message, bytes):
                        _show(message, prompt_id, ears)
                    elif _is_last(message, prompt_id, ears):
                        ended.set()


async def _together(*doing: Coroutine[Any, Any, Any]) -> list[Any]:
    """What all of them return; where one fails, the others are ended."""
    tasks = [asyncio.ensure_future(one) for one in doing]
    try:
        return await asyncio.gather(*tasks)
    finally:
        await _ended(*tasks)


async def _ended(*tasks: asyncio.Future[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _client(prompt_id: str) -> str:
    """Whom a ComfyUI tells of a job: its own listener."""
    return prompt_id.replace("-", "")


def _is_last(text: str, prompt_id: str, ears: Ears) -> bool:
    """Whether a message is the job's last: no node is executed any more, and it is in the history. Messages about others' jobs come
    along, and mean nothing.
    """
    with contextlib.suppress(ValueError, AttributeError):
        told = json.loads(text)
        data = told.get("data") or {}
        if data.get("prompt_id") != prompt_id:
            return False
        if told.get("type") == "execution_start":
            ears.waits(0)
        if told.get("type") == "progress":
            ears.step(str(data.get("node", "")), int(data.get("value", 0)), int(data.get("max", 0)))
        return told.get("type") == "executing" and data.get("node") is None
    return False


def _place(queue: Mapping[str, Any], prompt_id: str) -> int | None:
    """How many jobs are before one in what /queue tells; 0 for one that runs, None where it is not there."""
    running = [one[1] for one in queue.get("queue_running", ()) if len(one) > 1]
    if prompt_id in running:
        return 0
    pending = [one for one in queue.get("queue_pending", ()) if len(one) > 1]  # in no order
    own = next((one[0] for one in pending if one[1] == prompt_id), None)
    return None if own is None else len(running) + sum(one[0] < own for one in pending)


def _show(frame: bytes, prompt_id: str, ears: Ears) -> None:
    """A preview, where it is this job's: only those that name their job can be told from others'."""
    with contextlib.suppress(struct.error, ValueError, BadAnswer, AttributeError):
        (kind,) = struct.unpack_from(">I", frame)
        if kind != _PREVIEW_OF_A_JOB:
            return
        (length,) = struct.unpack_from(">I", frame, 4)
        if json.loads(frame[8 : 8 + length]).get("prompt_id") == prompt_id:
            ears.preview(pixels_of(frame[8 + length :]))


def _named(errors: Any) -> str:
    """What is wrong, by node, in one line."""
    if not isinstance(errors, dict):
        return ""
    told: list[str] = []
    for node, facts in errors.items():
        for error in (facts.get("errors") or ()) if isinstance(facts, dict) else ():
            details = str(error.get("details") or error.get("message") or "")
            told.append(f"node {node} ({facts.get('class_type', '')}): {details[:120]}")
    return "; ".join(told)[:400]
