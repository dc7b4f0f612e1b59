"""An imitation of ComfyUI's protocol, as strict as the original where Inlay could get it wrong, with nodes that need no weights.

What it does is what ComfyUI 0.33 was seen to do (`comfy_transcript.json` has its messages): the same id twice runs twice, an
unchanged graph answers from its cache, nodes check nothing of a mask's size, floats of another width than 32 times something are
clipped, temporary files and the queue are gone after a restart, a bare interrupt stops whoever runs.
"""

import asyncio
import contextlib
import email.parser
import email.policy
import io
import json
import struct
import threading
import time
import urllib.parse
import uuid
from dataclasses import dataclass, field

import cv2
import imagecodecs
import numpy as np
import uvicorn
from PIL import Image

from support.comfy_nodes import NODES, exr, loaded, ordered, signature


@dataclass
class Job:
    number: float
    prompt_id: str
    graph: dict
    extra: dict
    interrupted: bool = False


@dataclass
class State:
    """What a process has in its memory; gone with it."""

    files: dict[tuple[str, str, str], bytes] = field(default_factory=dict)
    pending: list[Job] = field(default_factory=list)
    running: Job | None = None
    history: dict[str, dict] = field(default_factory=dict)
    cache: dict[str, object] = field(default_factory=dict)
    sockets: list[tuple[str, asyncio.Queue]] = field(default_factory=list)
    number: int = 0


class ComfyServer:
    """One ComfyUI on loopback. log: every request. free: jobs wait before their first node until it is set."""

    def __init__(self, version: str = "0.33.0", without: tuple[str, ...] = ()) -> None:
        self.version = version
        self.nodes = {kind: facts for kind, facts in NODES.items() if kind not in without}
        self.log: list[tuple[str, str]] = []
        self.ran: list[str] = []
        """Prompt ids in the order in which they were executed."""
        self.executed: list[tuple[str, str]] = []
        self.inputs: dict[str, np.ndarray] = {}
        """What LoadImage made of a file, by its name."""
        self.free = threading.Event()
        self.free.set()
        self.loses_results = False
        self.outputs: dict[tuple[str, str, str], bytes] = {}
        """On the disk: they outlive the process."""
        self.port = 0
        self.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Again, after `kill`, on the same port: nothing of the queue or the temporary files is left."""
        self.state, self._alive = State(), True
        config = uvicorn.Config(
            self._app,
            host="127.0.0.1",
            port=self.port,
            log_level="error",
            ws="websockets-sansio",
            lifespan="off",
            interface="asgi3",
        )
        self._server = uvicorn.Server(config)
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_until_complete, args=(self._server.serve(),), daemon=True).start()
        end = time.monotonic() + 20
        while not self._server.started:
            assert time.monotonic() < end
            time.sleep(0.01)
        self.port = self._server.servers[0].sockets[0].getsockname()[1]
        self._worker = threading.Thread(target=self._work, args=(self.state,), daemon=True)
        self._worker.start()

    def kill(self) -> None:
        self._alive = False
        self._server.force_exit = True
        self._server.should_exit = True
        end = time.monotonic() + 20
        while self._server.servers and any(one.is_serving() for one in self._server.servers):
            assert time.monotonic() < end
            time.sleep(0.01)
        self._worker.join(20)

    # The protocol.

    async def _app(self, scope, receive, send) -> None:
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        path, query = scope["path"], dict(urllib.parse.parse_qsl(scope["query_string"].decode()))
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        self.log.append((scope["method"], path))
        status, kind, data = self._answer(scope["method"], path, query, headers, body)
        length = [(b"content-type", kind.encode()), (b"content-length", str(len(data)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": length})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else data})

    def _answer(self, method: str, path: str, query: dict, headers: dict, body: bytes) -> tuple[int, str, bytes]:
        state = self.state
        if path == "/view":
            place = query["type"], query["subfolder"], query["filename"]
            found = state.files.get(place) or self.outputs.get(place)
            return (200, "image/png", found) if found is not None else (404, "text/plain", b"")
        if path == "/upload/image":
            return self._upload(headers, body)
        if method == "GET":
            known = {
                "/system_stats": lambda: {"system": {"comfyui_version": self.version}, "devices": []},
                "/queue": lambda: {
                    "queue_running": [_tuple(state.running)] if state.running else [],
                    "queue_pending": [_tuple(job) for job in reversed(state.pending)],  # a heap, in no order
                },
            }
            if path in known:
                return _json(200, known[path]())
            if path.startswith("/object_info/"):
                kind = urllib.parse.unquote(path.removeprefix("/object_info/"))
                return _json(200, {kind: self.nodes[kind]} if kind in self.nodes else {})
            if path.startswith("/history/"):
                job = path.removeprefix("/history/")
                return _json(200, {job: state.history[job]} if job in state.history else {})
        told = json.loads(body or b"{}")
        if path == "/prompt":
            return self._prompt(told)
        if path.startswith("/api/jobs/") and path.endswith("/cancel"):
            return self._cancel(path.split("/")[3])
        if path == "/interrupt":
            if state.running and told.get("prompt_id") in (None, state.running.prompt_id):
                state.running.interrupted = True  # without an id: whoever runs
            return _json(200, {})
        if path == "/queue":
            state.pending = [job for job in state.pending if job.prompt_id not in told.get("delete", ())]
            return _json(200, {})
        return 404, "text/plain", b"404: Not Found"

    def _upload(self, headers: dict, body: bytes) -> tuple[int, str, bytes]:
        head = f"content-type: {headers['content-type']}\r\n\r\n".encode()
        message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
        parts = {part.get_param("name", header="content-disposition"): part for part in message.iter_parts()}
        kind, folder = (parts[name].get_content().strip() for name in ("type", "subfolder"))
        name = parts["image"].get_filename()
        if ".." in name + folder:
            return 400, "text/plain", b""
        self.state.files[kind, folder, name] = parts["image"].get_payload(decode=True)
        return _json(200, {"name": name, "subfolder": folder, "type": kind})

    def _prompt(self, told: dict) -> tuple[int, str, bytes]:
        prompt_id = told.get("prompt_id", str(uuid.uuid4()))
        if prompt_id != str(uuid.UUID(prompt_id)):
            return _json(400, {"error": {"type": "invalid_prompt_id"}, "node_errors": {}})
        errors: dict[str, dict] = {}
        for node, facts in told["prompt"].items():
            if facts["class_type"] not in self.nodes:
                message = f"Node '{facts['class_type']}' not found."
                return _json(400, {"error": {"type": "missing_node_type", "message": message}, "node_errors": {}})
            image = facts["inputs"].get("image")
            if isinstance(image, str) and self._file(image) is None:
                error = {
                    "type": "value_not_in_list",
                    "message": "Value not in list",
                    "details": f"image: '{image}' not in []",
                }
                errors[node] = {"errors": [error], "class_type": facts["class_type"]}
        if errors:
            kind = {"type": "prompt_outputs_failed_validation", "message": "Prompt outputs failed validation"}
            return _json(400, {"error": kind, "node_errors": errors})
        self.state.number += 1
        self.state.pending.append(Job(self.state.number, prompt_id, told["prompt"], told.get("extra_data", {})))
        self._status()
        return _json(200, {"prompt_id": prompt_id, "number": self.state.number, "node_errors": {}})

    def _cancel(self, prompt_id: str) -> tuple[int, str, bytes]:
        state = self.state
        if state.running and state.running.prompt_id == prompt_id:
            state.running.interrupted = True
            return _json(200, {"cancelled": True})
        before = len(state.pending)
        state.pending = [job for job in state.pending if job.prompt_id != prompt_id]
        known = len(state.pending) < before or prompt_id in state.history
        return (
            _json(200, {"cancelled": len(state.pending) < before}) if known else _json(404, {"error": "Job not found"})
        )

    def _file(self, value: str) -> bytes | None:
        name, _, kind = value.partition(" [")
        folder, _, name = name.rpartition("/")
        return self.state.files.get((kind.rstrip("]") or "input", folder, name))

    async def _socket(self, scope, receive, send) -> None:
        query = dict(urllib.parse.parse_qsl(scope["query_string"].decode()))
        await receive()
        await send({"type": "websocket.accept"})
        client, queue = query["clientId"], asyncio.Queue()
        self.state.sockets = [one for one in self.state.sockets if one[0] != client] + [(client, queue)]
        self._status(client)

        async def hear() -> None:
            while (await receive())["type"] != "websocket.disconnect":
                pass
            queue.put_nowait(None)

        hearing = asyncio.ensure_future(hear())
        while (message := await queue.get()) is not None:
            kind = "bytes" if isinstance(message, bytes) else "text"
            with contextlib.suppress(RuntimeError):
                await send({"type": "websocket.send", kind: message})
        hearing.cancel()

    def _tell(self, kind: str, data: dict, client: str | None = None) -> None:
        self._send(json.dumps({"type": kind, "data": data}), client)

    def _send(self, message: str | bytes, client: str | None) -> None:
        for name, queue in self.state.sockets:
            if client in (None, name):
                with contextlib.suppress(RuntimeError):
                    self._loop.call_soon_threadsafe(queue.put_nowait, message)

    def _status(self, client: str | None = None) -> None:
        left = len(self.state.pending) + (self.state.running is not None)
        self._tell("status", {"status": {"exec_info": {"queue_remaining": left}}}, client)

    # What it computes.

    def _work(self, state: State) -> None:
        while self._alive:
            if not state.pending:
                time.sleep(0.005)
                continue
            job = min(state.pending, key=lambda one: one.number)
            state.pending.remove(job)
            state.running = job
            entry = self._execute(job, state)
            state.running = None
            if self._alive:
                state.history[job.prompt_id] = entry
                self._status()
                self._tell("executing", {"node": None, "prompt_id": job.prompt_id}, job.extra.get("client_id"))

    def _execute(self, job: Job, state: State) -> dict:
        client = job.extra.get("client_id")
        self.ran.append(job.prompt_id)
        messages: list = []

        def tell(kind: str, **facts: object) -> None:
            data = {"prompt_id": job.prompt_id, **facts}
            if kind.startswith("execution"):
                messages.append([kind, data])
            self._tell(kind, data, client)

        tell("execution_start")
        signed = {node: signature(job.graph, node) for node in job.graph}
        tell("execution_cached", nodes=[node for node in job.graph if signed[node] in state.cache])
        values: dict[str, object] = {}
        outputs: dict[str, dict] = {}
        try:
            while not self.free.wait(0.01):
                if job.interrupted or not self._alive:
                    raise InterruptedError
            for node in ordered(job.graph):
                if job.interrupted or not self._alive:
                    raise InterruptedError
                if signed[node] in state.cache:
                    values[node] = state.cache[signed[node]]
                else:
                    tell("executing", node=node, display_node=node)
                    values[node] = self._node(job, node, values, tell, client)
                    state.cache[signed[node]] = values[node]
                if isinstance(values[node], dict):
                    outputs[node] = values[node]
                    tell("executed", node=node, display_node=node, output=values[node])
            tell("execution_success")
            status = "success"
        except InterruptedError:
            tell("execution_interrupted")
            status = "error"
        except Exception as error:
            tell("execution_error", node_id=node, node_type=job.graph[node]["class_type"], exception_message=str(error))
            status = "error"
        if self.loses_results:
            self.outputs.clear()
            self.loses_results = False
        return {
            "prompt": list(_tuple(job)),
            "outputs": outputs,
            "status": {"status_str": status, "completed": status == "success", "messages": messages},
        }

    def _node(self, job: Job, node: str, values: dict, tell, client: str | None) -> object:
        kind, given = job.graph[node]["class_type"], job.graph[node]["inputs"]
        self.executed.append((job.prompt_id, kind))

        def got(name: str):
            value = given[name]
            if isinstance(value, list):
                held = values[value[0]]
                return held[value[1]] if isinstance(held, tuple) else held
            return value

        match kind:
            case "LoadImage":
                data = self._file(given["image"])
                picture, mask = loaded(data)
                self.inputs[given["image"]] = picture
                return picture, mask
            case "LoadImageMask":
                picture, mask = loaded(self._file(given["image"]))
                self.inputs[given["image"]] = picture
                return (picture[..., "rgb".index(given["channel"][0])] if given["channel"] != "alpha" else mask,)
            case "ImageInvert":
                return (1 - got("image"),)
            case "ImageCompositeMasked":
                below, above, mask = got("destination"), got("source"), got("mask")
                if mask.shape != below.shape[:2]:  # silently, as there
                    mask = cv2.resize(mask, (below.shape[1], below.shape[0]))
                mask = mask[..., None].astype(np.float32)
                return (above * mask + below * (1 - mask),)
            case "ImageScaleBy":
                image, by = got("image"), got("scale_by")
                size = round(image.shape[1] * by), round(image.shape[0] * by)
                return (cv2.resize(image, size, interpolation=cv2.INTER_CUBIC),)
            case "ImageCrop":
                x, y, width, height = (got(name) for name in ("x", "y", "width", "height"))
                return (got("image")[y : y + height, x : x + width],)
            case "SlowPreview":
                return self._slow(job, node, got, tell, client)
            case "SaveImage":
                return self._saved(got("images"), given["filename_prefix"], "png")
            case "SaveImageAdvanced":
                assert given["format"] == "exr"
                assert given["format.input_color_space"] == "linear"
                return self._saved(got("images"), given["filename_prefix"], "exr")
        raise RuntimeError(f"no node {kind}")

    def _slow(self, job: Job, node: str, got, tell, client: str | None) -> tuple:
        image, steps = got("image"), got("steps")
        for step in range(1, steps + 1):
            if got("seed") == 666:
                raise RuntimeError("out of memory, as it happens")
            time.sleep(got("seconds"))
            if job.interrupted or not self._alive:
                raise InterruptedError
            tell("progress", node=node, value=step, max=steps)
            out = io.BytesIO()
            Image.fromarray((np.clip(image, 0, 1) * 255).astype(np.uint8)).resize((64, 48)).save(out, "JPEG")
            facts = json.dumps({"node_id": node, "prompt_id": job.prompt_id, "image_type": "image/jpeg"}).encode()
            self._send(struct.pack(">II", 4, len(facts)) + facts + out.getvalue(), client)
        return (image,)

    def _saved(self, picture: np.ndarray, prefix: str, kind: str) -> dict:
        folder, _, name = prefix.rpartition("/")
        count = 1 + sum(1 for _, place, file in self.outputs if place == folder and file.startswith(name))
        filename = f"{name}_{count:05}_.{kind}"
        if kind == "exr":
            data = exr(picture)
        else:  # truncated, as there
            samples = (np.clip(picture, 0, 1) * 255).astype(np.uint8)
            data = bytes(imagecodecs.png_encode(np.ascontiguousarray(samples), 1))
        self.outputs["output", folder, filename] = data
        return {"images": [{"filename": filename, "subfolder": folder, "type": "output"}]}


def _tuple(job: Job) -> tuple:
    return (
        job.number,
        job.prompt_id,
        job.graph,
        job.extra,
        [node for node in job.graph if "Save" in job.graph[node]["class_type"]],
    )


def _json(status: int, value: object) -> tuple[int, str, bytes]:
    return status, "application/json", json.dumps(value).encode()


@contextlib.contextmanager
def comfy_server(**settings: object):
    server = ComfyServer(**settings)
    try:
        yield server
    finally:
        server.free.set()
        server.kill()
