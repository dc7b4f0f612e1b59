"""How many cards a studio needs, and what its queue is worth.

    python -m bench.studio.run [--json FILE] [--people 20 200 2000]

The server's own line (`inlay.jobs.line.Line`) under simulated time; the same seeds give the same table. What is assumed of people
and cards is in `bench.studio.people`. 2,000 artists take half a minute for each number of cards, and are left out unless asked for.
"""

import argparse
import json
import math
import random
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.studio import people
from bench.studio.simulation import POLICIES, Seen, Studio
from inlay.job import Lane
from inlay.jobs.rules import Rules

DRAFT_S, FINAL_S, BUSY = 2.0, 30.0, 0.9
"""Enough cards: a draft's wait at p95, a final's, and what the cards are at it at most."""
SIZES = {20: (range(2, 15), 5, 3.0), 200: (range(16, 61, 4), 1, 1.0), 2000: (range(180, 261, 20), 1, 0.25)}
"""Artists: the numbers of cards that are tried, seeds, hours."""
COMPARED = (200, 30)
"""Artists and cards of the table of waits."""


def p(values: Sequence[float], share: float) -> float:
    """The value below which that share of them is; nan of none."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] if values else math.nan


def seen(artists: int, cards: int, rules: Rules, seeds: int, hours: float, from_ram: bool) -> list[Seen]:
    return [Studio(artists, cards, rules, seed=seed, from_ram=from_ram).run(3600 * hours) for seed in range(seeds)]


def middle(each: Sequence[Seen], lane: Lane, share: float) -> float:
    """The median over seeds of a lane's wait; of a seed without such jobs nothing."""
    found = [p(one.waits[lane], share) for one in each if one.waits[lane]]
    return statistics.median(found) if found else math.nan


def enough(each: Sequence[Seen]) -> bool:
    """Whether so many cards are."""
    busy = statistics.median(one.busy for one in each)
    return middle(each, Lane.DRAFT, 0.95) < DRAFT_S and middle(each, Lane.FINAL, 0.95) < FINAL_S and busy < BUSY


def fewest(tried: Sequence[int], is_enough: Callable[[int], bool]) -> int | None:
    """The smallest number that is enough; None where not even the largest is."""
    if not is_enough(tried[-1]):
        return None
    low, high = 0, len(tried) - 1
    while low < high:
        middle_ = (low + high) // 2
        low, high = (low, middle_) if is_enough(tried[middle_]) else (middle_ + 1, high)
    return tried[low]


def cards_needed(sizes: Sequence[int]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for artists in sizes:
        tried, seeds, hours = SIZES[artists]
        for from_ram in (False, True):
            row: dict[str, Any] = {"artists": artists, "models": "in RAM" if from_ram else "on disk"}
            for name, rules in POLICIES.items():
                began = time.perf_counter()
                found = fewest(tried, lambda cards: enough(seen(artists, cards, rules, seeds, hours, from_ram)))  # noqa: B023
                row[name] = found or f"more than {tried[-1]}"
                print(
                    f"  {artists} artists, {row['models']}, {name}: {row[name]} ({time.perf_counter() - began:.0f} s)",
                    flush=True,
                )
            rows.append(row)
    return rows


def waits() -> list[dict[str, Any]]:
    """Of each policy: waits by lane, how busy the cards are, and how much of that is loading."""
    rows: list[dict[str, Any]] = []
    for from_ram in (False, True):
        for name, rules in POLICIES.items():
            each = seen(*COMPARED, rules, 2, 1.0, from_ram)
            row: dict[str, Any] = {"models": "in RAM" if from_ram else "on disk", "policy": name}
            for lane in Lane:
                row[lane.value] = f"{middle(each, lane, 0.5):.1f} / {middle(each, lane, 0.95):.1f}"
            row["busy"] = round(statistics.median(one.busy for one in each), 2)
            row["loading"] = round(statistics.median(one.loading for one in each), 2)
            rows.append(row)
    return rows


def hog(rules: Rules, seeds: int = 15) -> float:
    """The p95 of others' drafts in the 400 s after one person asks for 40 finals at once: 20 artists, 5 cards, models in RAM."""
    found: list[float] = []
    for seed in range(seeds):
        studio = Studio(20, 5, rules, seed=seed, from_ram=True, crowd=False)
        greedy, at_s = studio.artists[0], 1800.0
        studio.at(at_s, lambda studio=studio, greedy=greedy: studio.hog(greedy))
        drafts = studio.run(1800.0).at[Lane.DRAFT]
        found += [wait for came, who, wait in drafts if at_s <= came < at_s + 400 and who != greedy.name]
    return p(found, 0.95)


def promises(artists: int = 200, cards: int = 20) -> dict[str, float]:
    """How far what waiting jobs are told when they come is from what comes true, where cards are few and others come later."""
    told = [
        one
        for seed in range(2)
        for one in Studio(artists, cards, seed=seed, from_ram=True, promised=0.1).run(1800.0).promises
    ]
    errors = [abs(said - took) for said, took in told]
    shares = [abs(said - took) / took for said, took in told]
    return {
        "jobs": len(told),
        "median_s": round(p(errors, 0.5), 2),
        "median_share": round(p(shares, 0.5), 3),
        "p90_share": round(p(shares, 0.9), 3),
        "said_of_took": round(sum(said for said, _ in told) / sum(took for _, took in told), 3),
    }


def jain(shares: Sequence[float]) -> float:
    """Jain's index (DEC-TR-301, 1984): 1 where all have the same, 1 / n where one has everything."""
    return sum(shares) ** 2 / (len(shares) * sum(share**2 for share in shares))


def flooded(rules: Rules, crowd: int = 10, cards: int = 4) -> float:
    """Jain's index of the cards' time between people of whom each always has two finals in line, and one has 400."""
    studio = Studio(0, cards, rules, from_ram=True, crowd=False)

    def goes_on(person: str, dice: random.Random) -> Callable[[], None]:
        def again() -> None:
            studio.ask(person, people.asked(dice, people.MODELS[0], Lane.FINAL), again)

        return again

    for number in range(crowd):
        again = goes_on(f"artist {number}", random.Random(number))
        for _ in range(400 if number == 0 else 2):
            studio.at(0.0, again)
    had = studio.run(3600.0, 600.0).had_s
    return jain([had.get(f"artist {number}", 0.0) for number in range(crowd)])


def shown(title: str, rows: Sequence[dict[str, Any]]) -> None:
    table = Table(*rows[0], title=title)
    for row in rows:
        table.add_row(*map(str, row.values()))
    Console(width=140).print(table)


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--json", type=Path)
    arguments.add_argument("--people", type=int, nargs="*", default=[20, 200], choices=SIZES)
    options = arguments.parse_args()
    began = time.perf_counter()
    found: dict[str, Any] = {
        "cards": cards_needed(options.people),
        "waits": waits(),
        "hog_s": {name: round(hog(rules), 1) for name, rules in POLICIES.items()},
        "jain": {name: round(flooded(rules), 3) for name, rules in POLICIES.items()},
        "promises": promises(),
    }
    found["seconds"] = round(time.perf_counter() - began)
    shown("cards for a p95 draft wait under 2 s, finals under 30 s, cards busy under 90 %", found["cards"])
    shown(f"waits in s, p50 / p95: {COMPARED[0]} artists, {COMPARED[1]} cards", found["waits"])
    shown("others' drafts beside a hog, p95 in s", [found["hog_s"]])
    shown("Jain's index, one of ten floods", [found["jain"]])
    shown("what was foreseen against what came true", [found["promises"]])
    print(f"{found['seconds']} s")
    if options.json:
        options.json.write_text(json.dumps(found, indent=1))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
