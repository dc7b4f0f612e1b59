"""The imitation of ComfyUI in a process of its own, which hands out what it was sent and says at once when a job has ended."""

# pyright: reportMissingImports=false, reportUntypedBaseClass=false, reportUnknownLambdaType=false

import multiprocessing
import threading
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, NamedTuple

from support.comfy_server import ComfyServer


class Post(NamedTuple):
    """A request as it came, byte for byte."""

    path: str
    kind: str
    body: bytes


class ComfyApart:
    """address: where it listens. To be used in a `with` statement."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._line, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs,), daemon=True)
        self._process.start()
        self.address: str = self._line.recv()

    def fresh(self) -> None:
        """From now on it knows no file, no job and no result."""
        self._asked("fresh")

    def posts(self) -> list[Post]:
        """What it was sent since it was fresh."""
        return self._asked("posts")

    def ended(self) -> dict[str, Any]:
        """Waits until it has done its first job since it was fresh; that result's file, as the history names it."""
        return self._asked("ended")

    def _asked(self, what: str) -> Any:
        self._line.send(what)
        return self._line.recv()

    def __enter__(self) -> "ComfyApart":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.kill()
        self._process.join()


class _Recording(ComfyServer):
    """posts: what came. done: set once a job has ended."""

    def __init__(self) -> None:
        self.posts: list[Post] = []
        self.done = threading.Event()
        super().__init__()

    def _answer(self, method: str, path: str, query: Any, headers: Any, body: bytes) -> tuple[int, str, bytes]:
        if method == "POST":
            self.posts.append(Post(path, headers["content-type"], body))
        return super()._answer(method, path, query, headers, body)

    def tell(self, kind: str, data: dict[str, Any], client: str | None = None) -> None:
        super().tell(kind, data, client)
        if kind == "executing" and data["node"] is None:
            self.done.set()


def _serve(line: Connection) -> None:
    server = _Recording()
    line.send(server.address)
    while True:
        match line.recv():
            case "fresh":
                for held in (server.state.files, server.state.history, server.state.cache, server.outputs):
                    held.clear()
                server.posts.clear()
                server.done.clear()
                line.send(None)
            case "posts":
                line.send(list(server.posts))
            case _:
                server.done.wait()
                (job,) = server.state.history.values()
                line.send(job["outputs"]["9"]["images"][0])
