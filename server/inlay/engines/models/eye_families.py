"""The small trained networks, known without loading any: they find, read or enlarge, and help the verbs that work without them."""

from dataclasses import dataclass
from typing import Any

from inlay.capabilities import Capabilities, Kind
from inlay.color.raster import MAX_AREA_PX
from inlay.engines.models.carriers import CARRIED
from inlay.engines.models.eraser_families import LIBRARIES
from inlay.engines.models.family import Family
from inlay.recipe import Verb


@dataclass(frozen=True, kw_only=True)
class EyeFamily(Family):
    """One network of `carriers.CARRIED`. Those that find and read have no verbs of their own: engines look through them
    (`inlay.engines.eyes`).

    helps: what is better with it, an English sentence. kept_bytes: on the disk, about.
    """

    verbs: frozenset[str] = frozenset()
    engine: str = ""
    libraries: tuple[str, ...] = ("cv2",)
    install: str = "."
    helps: str
    kept_bytes: int

    def capabilities(self, name: str, compiled: bool = False) -> Capabilities:
        return Capabilities(
            name=name,
            kind=self.kind,
            verbs=self.verbs,
            understands_prompts=False,
            max_px=MAX_AREA_PX,
            wants_card="torch" in self.libraries,
            description=f"{self.title}: {self.helps}",
        )


def _eye(name: str, kind: Kind, kept_bytes: int, helps: str, **more: Any) -> EyeFamily:
    carried = CARRIED[name]
    return EyeFamily(
        name=name, title=carried.network, kind=kind, licence=carried.licence, kept_bytes=kept_bytes, helps=helps, **more
    )


_UPSCALE = frozenset({Verb.UPSCALE})
_WAIFU2X = "inlay.engines.upscale.waifu2x:engine_of"
_SPANDREL = "inlay.engines.upscale.spandrel:engine_of"

EYES: dict[str, EyeFamily] = {
    eye.name: eye
    for eye in (
        _eye("subject", Kind.SEGMENTS, 4_600_000, "Select finds the outline of the main thing by itself"),
        _eye("hands", Kind.DETECTS, 7_800_000, "Select and Fix find hands, and Fix tells good ones from bad ones"),
        _eye("faces", Kind.DETECTS, 3_500_000, "Select and Fix find faces and eyes"),
        _eye("body", Kind.DETECTS, 6_400_000, "An edit keeps how somebody stands (Keep: pose)"),
        _eye("text", Kind.DETECTS, 21_300_000, "Text finds lettering and reads it; needs OpenCV 5"),
        _eye(
            "upscale2x",
            Kind.UPSCALES,
            2_200_000,
            "Upscale to twice the size shows finer detail, on any CPU",
            verbs=_UPSCALE,
            engine=_WAIFU2X,
        ),
        _eye(
            "upscale4x",
            Kind.UPSCALES,
            33_500_000,
            "Upscale to four times the size invents detail; for a card",
            verbs=_UPSCALE,
            engine=_SPANDREL,
            libraries=LIBRARIES,
            install="'.[eraser]'",
        ),
    )
}
