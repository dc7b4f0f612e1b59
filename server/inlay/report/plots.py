"""Bars as inline SVG: no script, colours by the page's own variables, every value told in words too."""

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

WIDTH = 560
_HEIGHT, _LEFT, _TOP, _BOTTOM = 200, 8, 26, 30
_ROW, _NAME, _VALUE = 26, 190, 84


class Bar(NamedTuple):
    """One bar: of `value`, `part` is filled in the stronger colour; told: both, in words."""

    name: str
    value: float
    told: str
    part: float = 0.0


def columns(title: str, bars: Sequence[Bar], nothing: str) -> str:
    """Standing bars, in their order. The names of neighbours that would not fit are left out. nothing: said where there is none."""
    most = max((bar.value for bar in bars), default=0) or 1
    step = (WIDTH - 2 * _LEFT) / max(1, len(bars))
    width, room = min(48.0, 0.72 * step), _HEIGHT - _TOP - _BOTTOM
    every = max(1, round(46 / step + 0.5)) if step < 46 else 1
    drawn: list[str] = []
    for number, bar in enumerate(bars):
        middle = _LEFT + (number + 0.5) * step
        drawn.append(_standing(middle - width / 2, width, room * bar.value / most, room * bar.part / most, bar.told))
        if bar.value and step >= 22:
            height = _HEIGHT - _BOTTOM - room * bar.value / most - 5
            drawn.append(_text(middle, height, f"{bar.value:g}", "middle"))
        if number % every == 0:
            drawn.append(_text(middle, _HEIGHT - 10, bar.name, "middle"))
    base = _HEIGHT - _BOTTOM
    drawn.append(f'<line class="axis" x1="{_LEFT}" x2="{WIDTH - _LEFT}" y1="{base}" y2="{base}"/>')
    return _svg(title, _HEIGHT, drawn, bars, nothing)


def rows(title: str, bars: Sequence[Bar], nothing: str) -> str:
    """Lying bars with their names before them, from the top. nothing: said where there is none."""
    most = max((bar.value for bar in bars), default=0) or 1
    room = WIDTH - _NAME - _VALUE
    drawn: list[str] = []
    for number, bar in enumerate(bars):
        top, length = number * _ROW + 4, room * bar.value / most
        drawn.append(_text(_NAME - 8, top + 13, _short(bar.name), "end"))
        drawn.append(
            f'<rect class="whole" x="{_NAME}" y="{top}" width="{length:.1f}" height="{_ROW - 8}">'
            f"<title>{escape(bar.name)}: {escape(bar.told)}</title></rect>"
        )
        drawn.append(_text(_NAME + length + 6, top + 13, bar.told, "start"))
    return _svg(title, len(bars) * _ROW + 4, drawn, bars, nothing)


def _standing(left: float, width: float, height: float, part: float, told: str) -> str:
    base = _HEIGHT - _BOTTOM
    return "".join(
        f'<rect class="{kind}" x="{left:.1f}" y="{base - tall:.1f}" width="{width:.1f}" height="{tall:.1f}">'
        f"<title>{escape(told)}</title></rect>"
        for kind, tall in (("whole", height), ("part", part))
        if tall
    )


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _svg(title: str, height: int, drawn: Sequence[str], bars: Sequence[Bar], nothing: str) -> str:
    told = "; ".join(f"{bar.name}: {bar.told}" for bar in bars) or nothing
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}. {escape(told)}">'
        f"{''.join(drawn)}</svg>"
    )


def _short(name: str) -> str:
    return name if len(name) <= 25 else f"{name[:13]}…{name[-10:]}"
