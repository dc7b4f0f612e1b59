"""A real ComfyUI on the CPU, from the folder that INLAY_COMFYUI names, with no models and no nodes but its own and one of ours."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

FOLDER = os.environ.get("INLAY_COMFYUI", "")
_NOTHING = (2).to_bytes(8, "little") + b"{}"
"""A safetensors file without tensors."""
START_S = 600.0
"""It imports torch and all its nodes, on a machine that does other things too."""


class RealComfy:
    """One on loopback, with a folder of its own for all that it reads and writes. flags: further ones of its command line."""

    def __init__(self, *flags: str) -> None:
        self._flags = flags
        self._base = Path(tempfile.mkdtemp(prefix="inlay-comfyui-"))
        (self._base / "custom_nodes").mkdir()
        for node in ("comfy_slow_node.py", "comfy_shallow.py"):
            shutil.copy(Path(__file__).with_name(node), self._base / "custom_nodes")
        (self._base / "user").mkdir()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Again, after `kill`, on the same port."""
        command = [_python(), "main.py", "--cpu", "--listen", "127.0.0.1", "--port", str(self.port)]
        command += ["--base-directory", str(self._base), "--user-directory", str(self._base / "user")]
        command += ["--database-url", "sqlite:///:memory:", "--disable-api-nodes", *self._flags]
        environment = os.environ | {"OMP_NUM_THREADS": "1"}
        with (self._base / "log.txt").open("a") as log:
            self._process = subprocess.Popen(command, cwd=FOLDER, env=environment, stdout=log, stderr=subprocess.STDOUT)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        end = time.monotonic() + START_S
        while self._process.poll() is None and time.monotonic() < end:
            with contextlib.suppress(OSError):
                opener.open(f"{self.address}/object_info/SlowPreview", timeout=5).close()
                return
            time.sleep(0.2)
        self.kill()
        raise AssertionError((self._base / "log.txt").read_text()[-2000:])

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def lose_results(self) -> None:
        """Somebody empties the folder for results."""
        shutil.rmtree(self._base / "output")

    def give(self, files: Mapping[str, Sequence[str]]) -> None:
        """Model files with nothing in them, by the folder where it looks: names that a graph can be checked with."""
        for kind, names in files.items():
            folder = self._base / "models" / kind
            folder.mkdir(parents=True, exist_ok=True)
            for name in names:
                (folder / name).write_bytes(_NOTHING)

    def give_weights(self, *names: str) -> None:
        """Model files of published names and shapes, by `comfy_weights`."""
        script = Path(__file__).with_name("comfy_weights.py")
        subprocess.run([_python(), str(script), str(self._base / "models"), *names], cwd=FOLDER, check=True)

    def remove(self) -> None:
        """Nothing of it is left."""
        self.kill()
        shutil.rmtree(self._base)


def _python() -> str:
    """ComfyUI's own, where it has one in its folder."""
    own = (Path(FOLDER) / place for place in (".venv/bin/python", "venv/bin/python"))
    return next((str(python) for python in own if python.exists()), sys.executable)
