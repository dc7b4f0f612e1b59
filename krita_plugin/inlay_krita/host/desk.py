"""What of Krita's window the panel needs: the active picture, Krita's icons, and the brush colour."""

from krita import Krita

from ..qt import QtGui

SRGB = ("RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc")


def active_document():
    """The picture in front, or None."""
    return Krita.instance().activeDocument()


def icon(name: str) -> QtGui.QIcon:
    """One of Krita's own icons, in the colours of its theme."""
    return Krita.instance().icon(name)


def brush_color() -> str:
    """The foreground colour as `#RRGGBB` in sRGB; black where no picture is open."""
    window = Krita.instance().activeWindow()
    view = window.activeView() if window else None
    if view is None or view.document() is None:
        return "#000000"
    color = view.foregroundColor()
    color.setColorSpace(*SRGB)
    red, green, blue = (round(255 * min(1.0, max(0.0, part))) for part in color.componentsOrdered()[:3])
    return f"#{red:02X}{green:02X}{blue:02X}"
