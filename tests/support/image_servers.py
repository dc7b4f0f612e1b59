"""Imitations of image APIs on loopback: they speak OpenAI's and Google's dialect, keep what they received, and behave badly.

The quantities are those that such models were measured with: shifts of 2 to 23 px, zooms of 0.95 to 1.05, other ratios, the whole
picture painted anew, JPEG, colour casts; answers that are cut, packed, repeated, sent elsewhere, or never come.
"""

import base64
import contextlib
import email.parser
import email.policy
import io
import json
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cv2
import numpy as np
from PIL import Image, ImageCms

from inlay.color import profile_bytes
from inlay.color.raster import Raster, SampleType

MAGENTA = np.array([0.85, 0.1, 0.75], np.float32)
Painter = Callable[[np.ndarray], np.ndarray]
Encoder = Callable[[np.ndarray], bytes]


@dataclass
class Received:
    """One request as it arrived. pictures: the files, in their order, by field name."""

    path: str
    headers: dict[str, str]
    body: bytes
    fields: dict[str, str] = field(default_factory=dict)
    files: list[tuple[str, str, bytes]] = field(default_factory=list)
    """Field, file name, bytes."""

    @property
    def picture(self) -> np.ndarray:
        """The first one, height x width x 3, 0..1."""
        return np.asarray(Image.open(io.BytesIO(self.files[0][2])).convert("RGB"), np.float32) / 255


@dataclass
class Manners:
    """How it answers. paints: from the picture it got to its own, before it is coded. says: instead of a picture, status, headers
    and body for request number n (from 0); None where it paints after all."""

    paints: Painter = lambda picture: picture
    codes: Encoder = lambda picture: png(picture)
    says: Callable[[int], tuple[int, dict[str, str], bytes] | None] = lambda n: None
    transport: str = ""
    """half: the body ends in the middle; stall: it stops there; never: no answer; drop: the connection is closed unanswered."""
    wraps: Callable[[bytes], object] | None = None
    """The whole answer around a coded picture."""


class ImageServer:
    """One server; `dialect` is `openai` or `gemini`."""

    def __init__(self, dialect: str, manners: Manners | None = None) -> None:
        self.dialect, self.manners = dialect, manners or Manners()
        self.received: list[Received] = []
        self.released = threading.Event()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = True
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def close(self) -> None:
        self.released.set()
        self._http.shutdown()
        self._http.server_close()

    def answer(self, number: int, got: Received) -> tuple[int, dict[str, str], bytes]:
        manners = self.manners
        if (said := manners.says(number)) is not None:
            return said
        coded = manners.codes(np.clip(manners.paints(got.picture), 0, 1))
        wrap = manners.wraps or {"openai": openai_answer, "gemini": gemini_answer}[self.dialect]
        body = wrap(coded)
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return 200, {"content-type": "application/json", "x-request-id": "req-1"}, data


def openai_answer(coded: bytes) -> dict:
    usage = {"input_tokens": 11, "output_tokens": 22, "total_tokens": 33}
    return {"created": 1, "data": [{"b64_json": base64.b64encode(coded).decode()}], "usage": usage}


def gemini_answer(coded: bytes) -> dict:
    """A thought with a picture comes first, as it does there; and the type is a lie."""
    draft = {"thought": True, "inlineData": {"mimeType": "image/png", "data": base64.b64encode(b"draft").decode()}}
    part = {"inlineData": {"mimeType": "image/png", "data": base64.b64encode(coded).decode()}}
    content = {"role": "model", "parts": [{"text": "Here it is."}, draft, part]}
    return {
        "candidates": [{"content": content, "finishReason": "STOP"}],
        "usageMetadata": {"promptTokenCount": 1100, "totalTokenCount": 2220},
        "responseId": "r-1",
        "modelVersion": "imitation-1",
    }


@contextlib.contextmanager
def image_server(dialect: str, manners: Manners | None = None) -> Iterator[ImageServer]:
    server = ImageServer(dialect, manners)
    try:
        yield server
    finally:
        server.close()


def _handler(server: ImageServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None: ...

        def do_GET(self) -> None:
            server.received.append(Received(self.path, dict(self.headers), b""))
            self._send(404, {}, b"")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            got = _parsed(self.path, dict(self.headers), body)
            number = len(server.received)
            server.received.append(got)
            if server.manners.transport in ("never", "drop"):
                if server.manners.transport == "never":
                    server.released.wait(60)
                self.close_connection = True
                return
            self._send(*server.answer(number, got))

        def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            if server.manners.transport in ("half", "stall"):
                self.wfile.write(body[: len(body) // 2])
                self.wfile.flush()
                if server.manners.transport == "stall":
                    server.released.wait(60)
                self.close_connection = True
                return
            with contextlib.suppress(OSError):
                self.wfile.write(body)

    return Handler


def _parsed(path: str, headers: dict[str, str], body: bytes) -> Received:
    got = Received(path, {name.lower(): value for name, value in headers.items()}, body)
    kind = got.headers.get("content-type", "")
    if kind.startswith("multipart/form-data"):
        message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(
            f"content-type: {kind}\r\n\r\n".encode() + body
        )
        for part in message.iter_parts():
            name = part.get_param("name", header="content-disposition")
            if part.get_filename():
                got.files.append((name, part.get_filename(), part.get_payload(decode=True)))
            else:
                got.fields[name] = part.get_content().rstrip("\r\n") if part.get_content_type() == "text/plain" else ""
    else:
        for part in json.loads(body)["contents"][0]["parts"]:
            if "inlineData" in part:
                got.files.append(("inlineData", "", unpacked(part["inlineData"]["data"])))
            else:
                got.fields["text"] = part["text"]
    return got


def unpacked(text: str) -> bytes:
    """Base64 in either alphabet, padded or not, as Google takes it: its own library sends the other one."""
    return base64.urlsafe_b64decode(text.replace("+", "-").replace("/", "_") + "=" * (-len(text) % 4))


# What it paints.


def disc(x: float, y: float, radius: float, window: tuple[int, int]) -> Painter:
    """A magenta disc at a place of the window, which lies in the middle of the picture it got."""

    def paint(picture: np.ndarray) -> np.ndarray:
        height, width = picture.shape[:2]
        scale = min(width / window[0], height / window[1])
        left, top = (width - scale * window[0]) / 2, (height - scale * window[1]) / 2
        rows, columns = np.mgrid[:height, :width]
        away = np.hypot(columns - left - scale * x, rows - top - scale * y)
        share = np.clip(scale * radius - away, 0, 1)[..., None].astype(np.float32)
        return picture * (1 - share) + MAGENTA * share

    return paint


def then(*painters: Painter) -> Painter:
    def paint(picture: np.ndarray) -> np.ndarray:
        for one in painters:
            picture = one(picture)
        return picture

    return paint


def moved(dx: float = 0, dy: float = 0, zoom: float = 1, stretch: float = 1, turn: float = 0) -> Painter:
    """Shifted by pixels, enlarged about the middle, stretched along x, turned by radians."""

    def paint(picture: np.ndarray) -> np.ndarray:
        height, width = picture.shape[:2]
        c, s = np.cos(turn), np.sin(turn)
        linear = np.array([[zoom * stretch * c, -zoom * s], [zoom * s, zoom * c]])
        middle = np.array([width / 2, height / 2])
        matrix = np.column_stack([linear, middle - linear @ middle + (dx, dy)]).astype(np.float32)
        return cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)

    return paint


def sized(across: float, down: float) -> Painter:
    """The whole of it at another size, stretched where both factors differ."""

    def paint(picture: np.ndarray) -> np.ndarray:
        size = round(picture.shape[1] * across), round(picture.shape[0] * down)
        return cv2.resize(picture, size, interpolation=cv2.INTER_AREA)

    return paint


def cut_below(share: float, scale: float) -> Painter:
    """Enlarged, and its lower part missing."""

    def paint(picture: np.ndarray) -> np.ndarray:
        height, width = picture.shape[:2]
        large = cv2.resize(picture, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_CUBIC)
        return large[: round(large.shape[0] * (1 - share))]

    return paint


def repainted(picture: np.ndarray) -> np.ndarray:
    """All of it anew, as image models do: softer, warmer, more contrast, its grain gone."""
    soft = cv2.bilateralFilter(picture, 7, 0.1, 3)
    return np.clip((soft - 0.5) * 1.12 + 0.5, 0, 1) * np.array([1.05, 1.0, 0.9], np.float32)


def noisy(picture: np.ndarray) -> np.ndarray:
    """A watermark's noise on all of it."""
    noise = np.random.default_rng(5).normal(0, 1.5 / 255, picture.shape)
    return picture + noise.astype(np.float32)


def another(picture: np.ndarray) -> np.ndarray:
    """Somebody else's picture, of the same size."""
    from skimage import data

    return cv2.resize(data.coffee().astype(np.float32) / 255, (picture.shape[1], picture.shape[0]))


# How it codes.


def _image(picture: np.ndarray) -> Image.Image:
    return Image.fromarray((np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8))


def _saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def png(picture: np.ndarray) -> bytes:
    return _saved(_image(picture), "PNG", compress_level=1)


def jpeg(quality: int) -> Encoder:
    return lambda picture: _saved(_image(picture), "JPEG", quality=quality, subsampling=2, progressive=True)


def webp(picture: np.ndarray) -> bytes:
    return _saved(_image(picture), "WEBP", quality=90)


def rgba(picture: np.ndarray) -> bytes:
    image = _image(picture)
    image.putalpha(255)
    return _saved(image, "PNG", compress_level=1)


def palette(picture: np.ndarray) -> bytes:
    return _saved(_image(picture).quantize(256), "PNG")


def sixteen(picture: np.ndarray) -> bytes:
    samples = (np.clip(picture, 0, 1) * 65535 + 0.5).astype(np.uint16)
    return bytes(cv2.imencode(".png", samples[..., ::-1])[1])


def lying(picture: np.ndarray) -> bytes:
    """Stored on its side, as its Exif says."""
    exif = Image.Exif()
    exif[274] = 6
    return _saved(_image(np.rot90(picture, 1)), "JPEG", quality=95, exif=exif)


def wide_gamut(picture: np.ndarray) -> bytes:
    """In Adobe RGB, and its profile says so."""
    raster = Raster(1, 1, "RGB", SampleType.U8, 255, "Adobe RGB (1998)", "0" * 64)
    target = ImageCms.ImageCmsProfile(io.BytesIO(profile_bytes(raster)))
    image = ImageCms.profileToProfile(_image(picture), ImageCms.createProfile("sRGB"), target)
    return _saved(image, "PNG", icc_profile=target.tobytes(), compress_level=1)


def gamma_only(picture: np.ndarray) -> bytes:
    """Samples for a gamma of 1: light itself, in 16 bit, and only gAMA says so."""
    linear = np.where(picture <= 0.04045, picture / 12.92, ((picture + 0.055) / 1.055) ** 2.4)
    plain = sixteen(linear.astype(np.float32))
    body = b"gAMA" + (100_000).to_bytes(4, "big")
    chunk = (4).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")
    return plain[:33] + chunk + plain[33:]


def bomb(picture: np.ndarray) -> bytes:
    """30,000 px a side, in a few bytes."""
    header = b"IHDR" + (30_000).to_bytes(4, "big") * 2 + bytes([8, 2, 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + (13).to_bytes(4, "big") + header + zlib.crc32(header).to_bytes(4, "big") + b"\0" * 64


def busy_once(
    headers: dict[str, str], body: bytes = b"{}"
) -> Callable[[int], tuple[int, dict[str, str], bytes] | None]:
    """429 to the first request only."""
    return lambda number: (429, headers, body) if number == 0 else None


def always(status: int, body: object, headers: dict[str, str] | None = None) -> Callable[[int], tuple]:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda _: (status, headers or {}, data)


def soon(condition: Callable[[], bool], limit_s: float = 30.0) -> None:
    """Wait for a state."""
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)
