"""What the imitated ComfyUI computes: one job after the other, node by node, each result kept for whoever asks for the same."""

import asyncio
import contextlib
import io
import json
import struct
import threading
import time
from dataclasses import dataclass, field

import cv2
import imagecodecs
import numpy as np
from PIL import Image

from support.comfy_nodes import exr, loaded, ordered, signature


@dataclass
class Job:
    number: float
    prompt_id: str
    graph: dict
    extra: dict
    outputs: tuple[str, ...] = ()
    """Whose inputs were found right; the others are left out."""
    interrupted: bool = False

    @property
    def told(self) -> tuple:
        """As the queue and the history show it."""
        return self.number, self.prompt_id, self.graph, self.extra, list(self.outputs)


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

    def file(self, value: str) -> bytes | None:
        """What a node names: `folder/name`, or `folder/name [temp]`."""
        name, _, kind = value.partition(" [")
        folder, _, name = name.rpartition("/")
        return self.files.get((kind.rstrip("]") or "input", folder, name))


class ComfyWorker:
    """What runs the jobs of a state, and tells the sockets."""

    def __init__(self) -> None:
        self.state = State()
        self.alive = True
        self.loop = asyncio.new_event_loop()
        self.ran: list[str] = []
        """Prompt ids in the order in which they were executed."""
        self.executed: list[tuple[str, str]] = []
        self.inputs: dict[str, np.ndarray] = {}
        """What LoadImage made of a file, by its name."""
        self.free = threading.Event()
        self.free.set()
        self.outputs: dict[tuple[str, str, str], bytes] = {}
        """On the disk: they outlive the process."""

    def tell(self, kind: str, data: dict, client: str | None = None) -> None:
        self._send(json.dumps({"type": kind, "data": data}), client)

    def _send(self, message: str | bytes, client: str | None) -> None:
        for name, queue in self.state.sockets:
            if client in (None, name):
                with contextlib.suppress(RuntimeError):
                    self.loop.call_soon_threadsafe(queue.put_nowait, message)

    def status(self, client: str | None = None) -> None:
        left = len(self.state.pending) + (self.state.running is not None)
        self.tell("status", {"status": {"exec_info": {"queue_remaining": left}}}, client)

    def work(self, state: State) -> None:
        while self.alive:
            if not state.pending:
                time.sleep(0.005)
                continue
            job = min(state.pending, key=lambda one: one.number)
            state.running = job
            state.pending = [one for one in state.pending if one is not job]
            entry = self._execute(job, state)
            if not self.alive:
                return
            state.history[job.prompt_id] = entry  # at no moment is it in neither
            state.running = None
            self.status()
            self.tell("executing", {"node": None, "prompt_id": job.prompt_id}, job.extra.get("client_id"))

    def _execute(self, job: Job, state: State) -> dict:
        client = job.extra.get("client_id")
        self.ran.append(job.prompt_id)
        messages: list = []

        def tell(kind: str, **facts: object) -> None:
            data = {"prompt_id": job.prompt_id, **facts}
            if kind.startswith("execution"):
                data["timestamp"] = int(1000 * time.time())
                messages.append([kind, data])
            self.tell(kind, data, client)

        tell("execution_start")
        signed = {node: signature(job.graph, node) for node in ordered(job.graph, job.outputs)}
        tell("execution_cached", nodes=[node for node in signed if signed[node] in state.cache])
        values: dict[str, object] = {}
        outputs: dict[str, dict] = {}
        try:
            while not self.free.wait(0.01):
                if job.interrupted or not self.alive:
                    raise InterruptedError
            for node in ordered(job.graph, job.outputs):
                if job.interrupted or not self.alive:
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
        return {
            "prompt": list(job.told),
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
                data = self.state.file(given["image"])
                picture, mask = loaded(data)
                self.inputs[given["image"]] = picture
                return picture, mask
            case "LoadImageMask":
                picture, mask = loaded(self.state.file(given["image"]))
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
            case "CheckpointLoaderSimple":
                return kind, kind, kind
            case "DifferentialDiffusion" | "CLIPTextEncode":
                return (given.get("text", kind),)
            case "InpaintModelConditioning":
                return got("positive"), got("negative"), (got("pixels"), got("mask"))
            case "KSampler":
                return (self._sampled(node, got, tell),)
            case "ThresholdMask":
                return ((got("mask") > got("value")).astype(np.float32),)
            case "LatentCompositeMasked":
                (below, mask), (above, _), share = got("destination"), got("source"), got("mask")[..., None]
                return ((above * share + below * (1 - share), mask),)
            case "VAEDecode":  # warmer than it was, and a little soft
                return (cv2.GaussianBlur(got("samples")[0], (0, 0), 0.6) * np.array([1.06, 1.0, 0.9], np.float32),)
            case "SlowPreview":
                return self._slow(job, node, got, tell, client)
            case "SaveImage":
                return self._saved(got("images"), given["filename_prefix"], "png")
            case "SaveImageAdvanced":
                assert given["format"] == "exr"
                assert given["format.input_color_space"] == "linear"
                return self._saved(got("images"), given["filename_prefix"], "exr")
        raise RuntimeError(f"no node {kind}")

    def _sampled(self, node: str, got, tell) -> tuple[np.ndarray, np.ndarray]:
        """A latent is a picture and its mask. What is painted is the picture turned round, and nothing of it stays as it was."""
        picture, mask = got("latent_image")
        for step in range(1, got("steps") + 1):
            tell("progress", node=node, value=step, max=got("steps"))
        painted = (1 - picture) * mask[..., None] + picture * (1 - mask[..., None])
        noise = np.random.default_rng(got("seed")).normal(0, 0.02, picture.shape)
        return (painted + noise).astype(np.float32), mask

    def _slow(self, job: Job, node: str, got, tell, client: str | None) -> tuple:
        image, steps = got("image"), got("steps")
        for step in range(1, steps + 1):
            if got("seed") == 666:
                raise RuntimeError("out of memory, as it happens")
            time.sleep(got("seconds"))
            if job.interrupted or not self.alive:
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
