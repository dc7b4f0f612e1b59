"""The figures of a run beside those kept from before: better, worse or as it was, one line each.

    python -m bench.compare FOLDER [--keep] [--kept FILE]

FOLDER holds what `python -m bench` wrote. Kept figures lie in `bench/kept.json`: where each is found, which direction is better,
its value and its room, the difference that is no news. What is about time is a ratio to something measured in the same run, so
that another machine gives much the same. `--keep` makes the figures of this run the ones to compare with.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

KEPT = Path(__file__).parent / "kept.json"


class Figure(NamedTuple):
    """name: for people. file: below FOLDER. better: "higher" or "lower". room: as `value`, which is None until one is kept.

    at: keys to follow there; "*" is every one, and a table of values every row that has them. Of several the worst counts.
    """

    name: str
    file: str
    at: tuple[str | dict[str, str], ...]
    better: str
    value: float | None
    room: float

    def verdict(self, now: float | None) -> str:
        if now is None:
            return "not measured"
        if self.value is None:
            return "new"
        gained = now - self.value if self.better == "higher" else self.value - now
        return "as it was" if abs(gained) <= self.room else "better" if gained > 0 else "WORSE"


def kept(path: Path = KEPT) -> list[Figure]:
    return [Figure(**{**row, "at": tuple(row["at"])}) for row in json.loads(path.read_text("utf-8"))]


def found(figure: Figure, folder: Path) -> float | None:
    """The figure of this run; None where its bench did not run. Raises KeyError where the bench no longer gives it."""
    path = folder / figure.file
    if not path.exists():
        return None
    values = list(_followed(json.loads(path.read_text("utf-8")), figure.at))
    if not values:
        raise KeyError(f"{figure.name}: nothing at {figure.at} of {figure.file}")
    return min(values) if figure.better == "higher" else max(values)


def _followed(node: Any, at: tuple[str | dict[str, str], ...]) -> Iterator[float]:
    if not at:
        yield float(node)
        return
    key, rest = at[0], at[1:]
    if key == "*":
        parts = node.values() if isinstance(node, dict) else node
    elif isinstance(key, dict):
        parts = [row for row in node if key.items() <= row.items()]
    else:
        parts = [node[key]]
    for part in parts:
        yield from _followed(part, rest)


def compared(figures: list[Figure], folder: Path) -> tuple[list[str], list[Figure]]:
    """Lines of the table, and the figures that are worse."""
    lines, worse = [], []
    width = max(len(figure.name) for figure in figures)
    for figure in figures:
        now = found(figure, folder)
        verdict = figure.verdict(now)
        if verdict == "WORSE":
            worse.append(figure)
        before, after = ("-" if value is None else f"{value:.4g}" for value in (figure.value, now))
        lines.append(f"{figure.name:{width}}  {before:>9}  {after:>9}  {verdict}")
    return [f"{'':{width}}  {'kept':>9}  {'now':>9}", *lines], worse


def keep(figures: list[Figure], folder: Path, path: Path) -> None:
    """Writes the figures of this run, where there are, in place of the kept ones."""
    rows = []
    for figure in figures:
        now = found(figure, folder)
        rows.append(figure._replace(value=figure.value if now is None else float(f"{now:.4g}"))._asdict())
    path.write_text("[\n" + ",\n".join(f"  {json.dumps(row, ensure_ascii=False)}" for row in rows) + "\n]\n", "utf-8")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="bench.compare", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kept", type=Path, default=KEPT, help="the figures to compare with")
    parser.add_argument("--keep", action="store_true", help="make this run the one to compare with")
    options = parser.parse_args(arguments)
    figures = kept(options.kept)
    lines, worse = compared(figures, options.folder)
    print("\n".join(lines))
    if options.keep:
        keep(figures, options.folder, options.kept)
        return 0
    return min(len(worse), 1)


if __name__ == "__main__":
    sys.exit(main())
