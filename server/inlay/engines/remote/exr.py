"""OpenEXR as ComfyUI reads and writes it without loss: 32 bit floats, values as they are. https://openexr.com/en/latest/"""

import io
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
from numpy.typing import NDArray

from inlay.engines.remote.pictures import MAX_AREA_PX, MAX_SIDE_PX
from inlay.errors import BadAnswer

SIGNATURE = b"\x76\x2f\x31\x01"


def exr_of(pixels: NDArray[np.float32]) -> bytes:
    """Height x width x 3 or 4 float32 as a file, packed without loss. Nothing but pixels is in it."""
    name = "RGB" if pixels.shape[2] == 3 else "RGBA"
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    made: Any = OpenEXR.File(header, {name: np.ascontiguousarray(pixels, np.float32)})
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "picture.exr"
        made.write(str(place))
        return place.read_bytes()


def pixels_of_exr(data: bytes) -> NDArray[np.float32]:
    """Height x width x 3 float32. Raises BadAnswer where it is none, or too large."""
    try:
        head: Any = OpenEXR.File(io.BytesIO(data), header_only=True)
        low, high = head.header()["dataWindow"]
        width, height = int(high[0] - low[0] + 1), int(high[1] - low[1] + 1)
        if not (0 < width <= MAX_SIDE_PX and 0 < height <= MAX_SIDE_PX and width * height <= MAX_AREA_PX):
            raise BadAnswer(
                f"the answer has {width} x {height} px; at most {MAX_AREA_PX // 1_000_000} megapixels are read"
            )
        channels = {name: channel.pixels for name, channel in _channels(data).items()}
        held = next(channels[name] for name in ("RGB", "RGBA", "Y") if name in channels)
        pixels = np.dstack([held] * 3) if held.ndim == 2 else held[..., :3]
    except BadAnswer:
        raise
    except Exception as error:  # the library has no errors of its own
        raise BadAnswer(
            f"the answer is no picture that can be read ({str(error)[:80] or type(error).__name__})"
        ) from None
    if not np.isfinite(pixels).all():
        raise BadAnswer("the answer holds values that are no numbers")
    return np.ascontiguousarray(pixels, np.float32)


def _channels(data: bytes) -> Any:
    whole: Any = OpenEXR.File(io.BytesIO(data))
    return whole.channels()
