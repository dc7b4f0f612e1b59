"""Type that stays editable: a line of it as SVG for one of Krita's vector layers."""

from xml.sax.saxutils import escape, quoteattr

ANY_FONT = "sans-serif"


def svg_of(line, width: int, height: int) -> str:
    """A picture of one text shape, in the document's pixels. line: a LiveType. width, height: the document's."""
    place = f"translate({line.origin.x + 0.5:.3f} {line.origin.y + 0.5:.3f}) rotate({line.angle:.3f})"
    text = (
        f"<text transform={quoteattr(place)} font-family={quoteattr(line.font or ANY_FONT)}"
        f' font-size="{line.size_px:.3f}" fill={quoteattr(line.color)}>{escape(line.words)}</text>'
    )
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{text}</svg>'
