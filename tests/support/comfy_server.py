"""An imitation of ComfyUI's protocol, as strict as the original where Inlay could get it wrong, with nodes that need no weights.

What it does is what ComfyUI 0.33 was seen to do (`comfy_transcript.json` has its messages), and the tests of it run against a real
one too, where there is one: the same id twice runs twice, an unchanged graph answers from its cache, nodes check nothing of a
mask's size, floats of another width than 32 times something are clipped, temporary files and the queue are gone after a restart, a
bare interrupt stops whoever runs, taking back what nobody knows is no error.
"""

import asyncio
import contextlib
import email.parser
import email.policy
import json
import threading
import time
import urllib.parse
import uuid

import uvicorn

from support.comfy_nodes import NODES, is_output, wrong_by_node
from support.comfy_worker import ComfyWorker, Job, State

FOLDERS = ("input", "temp", "output")
NO_ID = {
    "type": "invalid_prompt_id",
    "message": "prompt_id must be a valid UUID",
    "details": "prompt_id must be a UUID string in canonical lowercase hyphenated form; omit it to let the server generate one",
    "extra_info": {},
}


class ComfyServer(ComfyWorker):
    """One ComfyUI on loopback. log: every request. free: jobs wait before their first node until it is set."""

    def __init__(self, version: str = "0.33.0", without: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.version = version
        self.nodes = {kind: facts for kind, facts in NODES.items() if kind not in without}
        self.log: list[tuple[str, str]] = []
        self.port = 0
        self.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Again, after `kill`, on the same port: nothing of the queue or the temporary files is left; inputs are."""
        inputs = {place: data for place, data in self.state.files.items() if place[0] == "input"}
        self.state, self.alive = State(inputs), True
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
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_until_complete, args=(self._server.serve(),), daemon=True).start()
        end = time.monotonic() + 20
        while not self._server.started:
            assert time.monotonic() < end
            time.sleep(0.01)
        self.port = self._server.servers[0].sockets[0].getsockname()[1]
        self._worker = threading.Thread(target=self.work, args=(self.state,), daemon=True)
        self._worker.start()

    def kill(self) -> None:
        self.alive = False
        self._server.force_exit = True
        self._server.should_exit = True
        end = time.monotonic() + 20
        while self._server.servers and any(one.is_serving() for one in self._server.servers):
            assert time.monotonic() < end
            time.sleep(0.01)
        self._worker.join(20)

    def lose_results(self) -> None:
        """Somebody empties the folder for results."""
        self.outputs.clear()

    async def _app(self, scope, receive, send) -> None:
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
            return
        body = bytearray()
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        path, query = scope["path"], dict(urllib.parse.parse_qsl(scope["query_string"].decode()))
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        self.log.append((scope["method"], path))
        status, kind, data = self._answer(scope["method"], path, query, headers, bytes(body))
        length = [(b"content-type", kind.encode()), (b"content-length", str(len(data)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": length})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else data})

    def _answer(self, method: str, path: str, query: dict, headers: dict, body: bytes) -> tuple[int, str, bytes]:
        state = self.state
        origin = urllib.parse.urlsplit(headers.get("origin", ""))
        if origin.netloc and origin.netloc != headers.get("host"):
            return 403, "text/plain", b""
        if path == "/view":
            return self._view(query)
        if path == "/upload/image":
            return self._upload(headers, body)
        if method == "GET":
            known = {
                "/system_stats": lambda: {"system": {"comfyui_version": self.version}, "devices": []},
                "/queue": lambda: {
                    "queue_running": [state.running.told] if state.running else [],
                    "queue_pending": [job.told for job in reversed(state.pending)],  # a heap, in no order
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
            return 404, "application/octet-stream", b""
        try:
            told = json.loads(body or b"{}")
        except ValueError:
            return 500, "text/plain", b"500 Internal Server Error\n\nServer got itself in trouble"
        if path == "/prompt":
            return self._prompt(told)
        if path.startswith("/api/jobs/") and path.endswith("/cancel") and self.version >= "0.25":
            return self._cancel(path.split("/")[3])
        if path == "/interrupt":
            if state.running and told.get("prompt_id") in (None, state.running.prompt_id):
                state.running.interrupted = True  # without an id: whoever runs
            return 200, "application/octet-stream", b""
        if path == "/queue":
            state.pending = [job for job in state.pending if job.prompt_id not in told.get("delete", ())]
            return 200, "application/octet-stream", b""
        return 404, "application/octet-stream", b""

    def _view(self, query: dict) -> tuple[int, str, bytes]:
        name = query.get("filename", "")
        if ".." in name:
            return 400, "application/octet-stream", b""
        place = query.get("type", "output"), query.get("subfolder", ""), name
        found = self.outputs.get(place) if place[0] == "output" else self.state.files.get(place)
        return (200, "image/png", found) if found is not None else (404, "application/octet-stream", b"")

    def _upload(self, headers: dict, body: bytes) -> tuple[int, str, bytes]:
        head = f"content-type: {headers['content-type']}\r\n\r\n".encode()
        message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
        parts = {part.get_param("name", header="content-disposition"): part for part in message.iter_parts()}
        told = {name: part.get_content().strip() for name, part in parts.items() if name != "image"}
        kind, folder, name = told.get("type", "input"), told.get("subfolder", ""), parts["image"].get_filename()
        if ".." in name + folder or kind not in FOLDERS:
            return 400, "application/octet-stream", b""
        data, files = parts["image"].get_payload(decode=True), self.state.files
        stem, _, ending = name.rpartition(".")
        count = 0
        while told.get("overwrite") not in ("true", "1") and files.get((kind, folder, name), data) != data:
            count += 1
            name = f"{stem} ({count}).{ending}"
        files[kind, folder, name] = data
        return _json(200, {"name": name, "subfolder": folder, "type": kind})

    def _prompt(self, told: dict) -> tuple[int, str, bytes]:
        if "prompt" not in told:
            return _refused("no_prompt", "No prompt provided", "No prompt provided")
        prompt_id = told.get("prompt_id", str(uuid.uuid4()))
        try:
            canonical = str(uuid.UUID(prompt_id))
        except ValueError:
            canonical = ""
        if prompt_id != canonical:
            return _json(400, {"error": NO_ID, "node_errors": {}})
        graph = told["prompt"]
        for node, facts in graph.items():
            if facts["class_type"] not in self.nodes:
                title = facts.get("_meta", {}).get("title", facts["class_type"])
                message = f"Node '{title}' not found. The custom node may not be installed."
                return _refused("missing_node_type", message, f"Node ID '#{node}'")
        outputs = [node for node in graph if is_output(graph[node])]
        if not outputs:
            return _refused("prompt_no_outputs", "Prompt has no outputs")
        errors, good = wrong_by_node(graph, outputs, lambda name: self.state.file(name) is not None)
        if not good:
            return _refused("prompt_outputs_failed_validation", "Prompt outputs failed validation", nodes=errors)
        self.state.number += 1
        extra = dict(told.get("extra_data", {}))
        if "client_id" in told:
            extra["client_id"] = told["client_id"]
        extra["create_time"] = int(1000 * time.time())
        self.state.pending.append(Job(self.state.number, prompt_id, graph, extra, tuple(good)))
        self.status()
        return _json(200, {"prompt_id": prompt_id, "number": self.state.number, "node_errors": errors})

    def _cancel(self, prompt_id: str) -> tuple[int, str, bytes]:
        state = self.state
        if state.running and state.running.prompt_id == prompt_id:
            state.running.interrupted = True
            return _json(200, {"cancelled": True})
        before = len(state.pending)
        state.pending = [job for job in state.pending if job.prompt_id != prompt_id]
        return _json(200, {"cancelled": len(state.pending) < before})  # so too for one that nobody knows

    async def _socket(self, scope, receive, send) -> None:
        query = dict(urllib.parse.parse_qsl(scope["query_string"].decode()))
        await receive()
        await send({"type": "websocket.accept"})
        client, queue = query["clientId"], asyncio.Queue()
        self.state.sockets = [one for one in self.state.sockets if one[0] != client] + [(client, queue)]
        self.status(client)

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


def _refused(kind: str, message: str, details: str = "", nodes: dict | None = None) -> tuple[int, str, bytes]:
    error = {"type": kind, "message": message, "details": details, "extra_info": {}}
    return _json(400, {"error": error, "node_errors": nodes or {}})


def _json(status: int, value: object) -> tuple[int, str, bytes]:
    return status, "application/json; charset=utf-8", json.dumps(value).encode()


@contextlib.contextmanager
def comfy_server(**settings: object):
    server = ComfyServer(**settings)
    try:
        yield server
    finally:
        server.free.set()
        server.kill()
