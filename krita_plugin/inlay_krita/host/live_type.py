"""Type that stays editable: a line of it as SVG for one of Krita's vector layers."""

from xml.sax.saxutils import escape, quoteattr

ANY_FONT = "sans-serif"
FAMILIES = {
    "serif": "Times New Roman, Times, Liberation Serif, DejaVu Serif, serif",
    "monospace": "Courier New, Courier, Liberation Mono, DejaVu Sans Mono, monospace",
}
"""What Windows, macOS and Linux have of a kind: only Linux knows the kind's own name."""


def svg_of(line, width: int, height: int) -> str:
    """A picture of one text shape, in the document's pixels. line: a LiveType. width, height: the document's."""
    place = f"translate({line.origin.x + 0.5:.3f} {line.origin.y + 0.5:.3f}) rotate({line.angle:.3f})"
    if line.slant:
        place += f" skewX({-line.slant:.3f})"
    if line.stretch:
        place += f" scale({line.stretch:.4f} 1)"
    weight = ' font-weight="bold"' if line.bold else ""
    text = (
        f"<text transform={quoteattr(place)} font-family={quoteattr(FAMILIES.get(line.font, line.font) or ANY_FONT)}"
        f'{weight} font-size="{line.size_px:.3f}" fill={quoteattr(line.color)}>{escape(line.words)}</text>'
    )
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{text}</svg>'
