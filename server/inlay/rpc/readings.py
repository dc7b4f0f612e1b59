"""What an averaging eyedropper read, as the contract has it and as people do."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from inlay.forms import Catalogue
from inlay.v1 import inlay_pb2
from inlay.wire.requests import ProbeQuestion

if TYPE_CHECKING:  # It loads OpenCV, which the server's own process has no need of.
    from inlay.edit.brand_check import BrandCheck
    from inlay.edit.probe import RegionProbe

_CHANNELS = {
    "BGR": {"R": 2, "G": 1, "B": 0},
    "RGB": {"R": 0, "G": 1, "B": 2},
    "Y": {"Gray": 0},
    "LAB": {"L": 0, "a": 1, "b": 2},
}
"""The colour channels as people order them, and their indices, by the order in memory without its alpha."""

_LAB = {"L*": 0, "a*": 1, "b*": 2}


def reading_to(found: "RegionProbe", asked: ProbeQuestion, words: Catalogue) -> inlay_pb2.ProbeRegionResponse:
    """The answer to a question, with its lines in the catalogue's language."""
    reading, form = found.reading, "{:.3f}" if asked.source.sample_type.is_float else "{:.0f}"
    order = asked.source.order.removesuffix("A")
    lines = [
        _line(_CHANNELS[order].items(), found.document_mean, found.document_spread, form),
        _line(_LAB.items(), reading.mean_lab, reading.spread_lab, "{:.1f}"),
    ]
    if reading.delta_e is not None:
        lines.append(words.say("finding.color", delta_e=f"{reading.delta_e:.1f}", target=asked.target_color))
    return inlay_pb2.ProbeRegionResponse(
        pixels=reading.pixels,
        document_mean=found.document_mean,
        document_spread=found.document_spread,
        lab_mean=reading.mean_lab,
        lab_spread=reading.spread_lab,
        hex=reading.hex,
        delta_e=reading.delta_e,
        color=found.color,
        lines=lines,
    )


def brand_lines(found: "BrandCheck", names: Sequence[str], words: Catalogue) -> list[str]:
    """How a picture keeps to a brand: the share, each colour that occurs, and the main colours. names: the brand's colours'."""
    lines = [words.say("server.brand.share", percent=_percent(found.share))]
    lines += [
        words.say("server.brand.color", name=name, percent=_percent(share))
        for name, share in zip(names, found.shares, strict=True)
        if share
    ]
    return lines + [
        words.say(
            "server.brand.cluster",
            percent=_percent(one.share),
            hex=one.hex,
            name=names[one.nearest],
            delta_e=f"{one.delta_e:.1f}",
        )
        for one in found.clusters
    ]


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


def _line(channels: Iterable[tuple[str, int]], mean: tuple[float, ...], spread: tuple[float, ...], form: str) -> str:
    """`R 120 ±3  G 88 ±2  B 40 ±2`; a line is broken between channels only."""
    said = (f"{name}\u00a0{form.format(mean[at])}\u00a0±{form.format(spread[at])}" for name, at in channels)
    return "\u00a0 ".join(said)
