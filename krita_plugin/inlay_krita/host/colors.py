"""Colours from Krita: the brush's, those of its palettes, and inks as its profile for print sees them."""

import re

from krita import Krita, ManagedColor, Palette

SRGB = ("RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc")
LAB = ("LABA", "U16", "Lab identity built-in")
INKS = re.compile(r"\s*cmyk\s*\(" + r"\s*([\d.]+)\s*%?\s*[,\s]" * 3 + r"\s*([\d.]+)\s*%?\s*\)\s*", re.IGNORECASE)


def brush_color() -> str:
    """The foreground colour as `#RRGGBB` in sRGB; black where no picture is open."""
    window = Krita.instance().activeWindow()
    view = window.activeView() if window else None
    return _hex(view.foregroundColor()) if view is not None and view.document() is not None else "#000000"


def readable(text: str) -> str:
    """A colour as the server reads it: `cmyk(0, 80, 95, 0)`, in %, as Lab by Krita's profile for print; all else as it is."""
    found = INKS.fullmatch(text)
    profiles = Krita.instance().profiles("CMYKA", "U16")
    if not found or not profiles or max(map(float, found.groups())) > 100:
        return text
    color = ManagedColor("CMYKA", "U16", profiles[0])
    color.setComponents([*(float(ink) / 100 for ink in found.groups()), 1.0])
    color.setColorSpace(*LAB)
    lightness, a, b = color.components()[:3]
    return f"lab({100 * lightness:.2f}, {255 * a - 128:.2f}, {255 * b - 128:.2f})"


def palettes() -> "list[str]":
    """The names of Krita's palettes."""
    return sorted(Krita.instance().resources("palette"))


def swatches(palette: str) -> "list[tuple[str, str]]":
    """The colours of one as `#RRGGBB` in sRGB, and their names."""
    colors = Palette(Krita.instance().resources("palette")[palette])
    found = (colors.colorSetEntryByIndex(number) for number in range(colors.colorsCountTotal()))
    return [(_hex(swatch.color()), swatch.name()) for swatch in found if swatch.isValid()]


def _hex(color: ManagedColor) -> str:
    color.setColorSpace(*SRGB)
    red, green, blue = (round(255 * min(1.0, max(0.0, part))) for part in color.componentsOrdered()[:3])
    return f"#{red:02X}{green:02X}{blue:02X}"
