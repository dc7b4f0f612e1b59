"""An OpenRaster of layers that blend, fade, are masked, hidden and grouped: all of a PSD made from it is Inlay's work."""

import io
import zipfile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inlay.documents.png import encode_png
from support.edits import photo, soft_mask

SIZE = (240, 200)
"""Width and height in px."""
MASK_AT = (30, 40)
LIGHT_AT = (150, -20)
SHADE_AT = (20, 10)
STACK = """<image w="240" h="200"><stack>
  <layer name="shade" src="shade.png" x="20" y="10" opacity="0.501961" composite-op="svg:multiply"/>
  <stack name="set" visibility="hidden" isolation="isolate">
    <layer name="light, größer 木箱" src="light.png" x="150" y="-20" composite-op="svg:screen"/>
  </stack>
  <stack name="masked" isolation="isolate">
    <layer name="Mask" src="mask.png" x="30" y="40" composite-op="svg:dst-in"/>
    <layer name="flipped" src="flipped.png" x="30" y="40"/>
  </stack>
  <layer name="below" src="below.png" x="0" y="0"/>
</stack></image>"""


def pictures(dtype: str) -> dict[str, NDArray[Any]]:
    """The layers' samples by name, height x width x 4, uint8 or uint16; "merged": what they show, by the W3C's formulas."""
    below = photo()
    flipped = below[::-1, ::-1][40:140, 30:190]
    shade = below[60:120, 100:180] * [1.0, 0.7, 0.5]
    alpha = soft_mask(160, 100)[..., None] / 255
    shaded_alpha = np.ones((60, 80, 1)) * np.linspace(0, 1, 80)[:, None]
    merged = below.astype(np.float64)
    area = merged[40:140, 30:190]
    area[:] = area * (1 - alpha) + flipped * alpha
    area = merged[10:70, 20:100]
    share = shaded_alpha * round(0.501961 * 255) / 255
    area[:] = area * (1 - share) + area * shade * share
    opaque = np.ones((200, 240, 1))
    given = {
        "below": np.concatenate([below, opaque], axis=-1),
        "flipped": np.concatenate([flipped, opaque[:100, :160]], axis=-1),
        "mask": np.concatenate([np.ones((100, 160, 3)), alpha], axis=-1),
        "light": np.concatenate([below[:50, :60], opaque[:50, :60]], axis=-1),
        "shade": np.concatenate([shade, shaded_alpha], axis=-1),
        "merged": np.concatenate([merged, opaque], axis=-1),
    }
    white = np.iinfo(dtype).max
    return {name: np.rint(samples * white).astype(dtype) for name, samples in given.items()}


def layered_ora(dtype: str) -> bytes:
    """The file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "image/openraster")
        archive.writestr("stack.xml", STACK)
        for name, samples in pictures(dtype).items():
            archive.writestr("mergedimage.png" if name == "merged" else f"{name}.png", encode_png(samples))
    return file.getvalue()
