"""Whether the colour profile in a file can be its pixels' profile; one that cannot is ignored and named, as viewers do silently."""

from typing import NamedTuple

from inlay import color
from inlay.color.raster import Raster, SampleType
from inlay.documents.document import UNTAGGED_GRAY, UNTAGGED_RGB
from inlay.errors import InvalidInput, Unsupported

ADOBE_RGB = "Adobe RGB (1998)"
_SHOWN = 60


class Tag(NamedTuple):
    """The profile that samples are in: its name, its bytes (empty where the file has none), and what to tell about it."""

    name: str
    icc: bytes = b""
    notes: tuple[str, ...] = ()


def tag_of(icc: bytes, order: str, *, adobe_rgb: bool = False) -> Tag:
    """The profile of samples in `order` (Y, YA, RGB, RGBA) from a file with these ICC bytes.

    adobe_rgb: whether the camera's Exif says so, which counts where there is no profile.
    """
    gray = order.startswith("Y")
    if not icc:
        return Tag(UNTAGGED_GRAY if gray else ADOBE_RGB if adobe_rgb else UNTAGGED_RGB)
    try:
        name = color.profile_name(icc)
        color.profile_of(Raster(1, 1, order, SampleType.U8, 255, name, "", icc))
    except (InvalidInput, Unsupported, ValueError) as refused:
        reason = _shortened(refused)
        untagged = UNTAGGED_GRAY if gray else UNTAGGED_RGB
        meaning = "gray with the sRGB curve" if gray else "sRGB"
        note = f"the file's colour profile cannot be its pixels' ({reason}) and was ignored: they count as {meaning}"
        return Tag(untagged, b"", (note,))
    return Tag(name, icc)


def _shortened(refused: Exception) -> str:
    if isinstance(refused, InvalidInput):
        value, limit = str(refused.value), refused.limit.partition(";")[0]
        return f"{value[:_SHOWN]}; {limit}"
    return str(refused).partition(";")[0][:_SHOWN]
