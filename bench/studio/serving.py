"""A whole studio on one machine: how much of a device's time is painting, for whom, and what everybody else waits meanwhile.

    python -m bench.studio.serving [--json FILE] [--clients N] [--jobs N] [--seconds S] [--polls N] [--memory N] [only ...]

A real server with its own worker process, people with tokens in a second process, a third for small calls. The painter takes
the time it is told to and no processor, as a card does (`bench.studio.painting`); painting is that time and not what the
worker made of it, elapsed is from the first job's first step to the last one's end. So whatever the server, the pipes, the
journal, the disk or the machine's other work puts between two jobs is missing from the share. What the machine's other work
alone takes is seen by the same painter without a server, at the same time (`bench.studio.bare`). All processes share this
machine's processors: with two of them that is most of what small calls wait for. How busy it was is told beside each figure.
"""

# pyright: basic, reportMissingImports=false

import argparse
import contextlib
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

sys.path.append(str(Path(__file__).parents[2] / "tests"))

from bench.studio.polls import polled
from bench.studio.run import jain, p
from inlay.person import Role
from inlay.studio.people import PEOPLE_FILE, People
from rpc import process
from rpc.process import RunningServer, running_server

ROOT = Path(__file__).parents[2]
IDLE_S = 15.0
FLOOD = 60
THRIFTY = {"MALLOC_ARENA_MAX": "2", "MALLOC_TRIM_THRESHOLD_": "65536", "MALLOC_MMAP_THRESHOLD_": "65536"}
"""In earnest a server keeps up to 256 MiB that are free (`inlay.rpc.memory`), in which a leak would hide."""


@dataclass
class Room:
    """A server whose painter is of known duration, and the people who may ask it."""

    server: RunningServer
    folder: Path
    tokens: list[str]

    @property
    def notes(self) -> Path:
        return self.folder / "notes"

    def crowd(self, jobs: list[int], seconds: float, first_alone: bool = False) -> float:
        """Have people 0, 1, ... ask for so many jobs each, and wait for all; how many seconds of processor that took them."""
        people = list(zip(self.tokens, jobs, strict=False))
        told = {"grpc": self.server.address, "people": people, "seconds": seconds, "notes": str(self.notes)}
        self.notes.unlink(missing_ok=True)
        before = os.times()
        command = [sys.executable, "-m", "bench.studio.clients", json.dumps(told | {"first_alone": first_alone})]
        subprocess.run(command, check=True)
        after = os.times()
        return after.children_user + after.children_system - before.children_user - before.children_system

    def spans(self) -> list[tuple[float, float, int]]:
        """From when to when each job was painted, and whose it was."""
        lines = [line.split() for line in self.notes.read_text().splitlines()]
        return sorted((float(began), float(end), int(seed)) for seed, began, end in lines)


@contextlib.contextmanager
def room(people: int) -> Iterator[Room]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = folder / "data"
        data.mkdir()
        (data / "token").write_text("the-owner-s-own-token-of-the-bench")
        book = People(data / PEOPLE_FILE)
        tokens = [book.add(f"person {number}", Role.ARTIST, (), None)[1] for number in range(people)]
        book.close()
        settings = {"painter": "bench.studio.painting:paint", "token_file": str(data / "token"), "log": folder / "log"}
        with running_server(data, **settings) as server:
            here = Room(server, folder, tokens)
            here.crowd([1], 0.0)  # its worker has started
            yield here


@contextlib.contextmanager
def small_calls(of: Room) -> Iterator[list[tuple[float, float]]]:
    """Made all the while; when each was and what it took is in the list at the end."""
    told = {"grpc": of.server.address, "http_port": of.server.http_port, "token": of.tokens[0]}
    command = [sys.executable, "-m", "bench.studio.clients", "--small", json.dumps(told)]
    took: list[tuple[float, float]] = []
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as asking:
        assert asking.stdout
        assert asking.stdout.readline() == "ready\n"
        yield took
        said, _ = asking.communicate()
        took += [tuple(each) for each in json.loads(said)]


@contextlib.contextmanager
def bare(seconds: float) -> Iterator[list[float]]:
    """Meanwhile the painter paints without a server, too; the share of that is in the list at the end."""
    found: list[float] = []
    command = [sys.executable, "-m", "bench.studio.bare", str(seconds)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as asking:
        yield found
        said, _ = asking.communicate()
        found.append(float(said))


def p99_ms(took: list[tuple[float, float]], since: float, until: float) -> float:
    return 1e3 * p([seconds for at, seconds in took if since <= at <= until], 0.99)


def processor_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def even(clients: int, each: int, seconds: float) -> dict[str, Any]:
    """Everybody asks for as many jobs, all at once."""
    with room(clients) as here:
        with small_calls(here) as took:
            idle = time.time(), time.time() + IDLE_S
            time.sleep(IDLE_S)
            served_s = processor_s(here.server.process.pid)
            with bare(seconds) as allowed:
                asked_s = here.crowd([each] * clients, seconds)
            served_s = processor_s(here.server.process.pid) - served_s
            busy = here.spans()[0][0], here.spans()[-1][1]
        spans = here.spans()
        elapsed_s = max(end for _, end, _ in spans) - spans[0][0]
        gaps = [after[0] - before[1] for before, after in itertools.pairwise(spans)]
        idle_ms, busy_ms = p99_ms(took, *idle), p99_ms(took, *busy)
        return {
            "jobs": len(spans),
            "painting": round(len(spans) * seconds / elapsed_s, 4),
            "bare": round(allowed[0], 4),
            "painting_over_bare": round(len(spans) * seconds / elapsed_s / allowed[0], 4),
            "gap_ms": {name: round(1e3 * p(gaps, share), 1) for name, share in (("median", 0.5), ("p99", 0.99))},
            "small_p99_ms": {"idle": round(idle_ms, 2), "loaded": round(busy_ms, 2)},
            "small_p99_over_idle": round(busy_ms / idle_ms, 2),
            "small_median_over_idle": round(
                p([s for at, s in took if at >= busy[0]], 0.5) / p([s for at, s in took if at <= idle[1]], 0.5), 2
            ),
            "processor_s": {"server": round(served_s, 1), "people": round(asked_s, 1), "elapsed": round(elapsed_s, 1)},
        }


def flooded(people: int, each: int, seconds: float) -> dict[str, Any]:
    """The first hands in a flood before the others come; what each got of the device as long as all wanted it."""
    with room(people) as here:
        here.crowd([FLOOD] + [each] * (people - 1), seconds, first_alone=True)
        spans = here.spans()
    began = next(began for began, _, seed in spans if seed)
    end_s = max(end for _, end, seed in spans if seed)
    had = dict.fromkeys(range(people), 0.0)
    for start, end, seed in spans:
        had[seed] += end - start if start >= began and end <= end_s else 0
    each_had = [had[seed] for seed in range(people)]
    return {"jain": round(jain(each_had), 4), "had_s": [round(one, 1) for one in each_had]}


def remembering(jobs: int) -> dict[str, Any]:
    """So many short jobs; what server and worker hold after each tenth of them, where malloc gives back what is free."""
    with mock.patch.object(process, "MALLOC_ENVIRONMENT", THRIFTY), room(10) as here:
        rows = []
        for done in range(10):
            here.crowd([jobs // 100] * 10, 0.0)
            rows.append({"jobs": (done + 1) * jobs // 10, **settled_mb(here)})
            print("  memory", rows[-1], flush=True)
        half = len(rows) // 2
        middle = {
            who: [statistics.median(row[who] for row in part) for part in (rows[:half], rows[half:])]
            for who in ("server", "worker")
        }
        return {"rows": rows, "second_half_over_first": {who: round(b / a, 3) for who, (a, b) in middle.items()}}


def settled_mb(of: Room) -> dict[str, float]:
    """The least of five seconds: what is still on its way to somebody is not kept."""
    seen = []
    for _ in range(10):
        time.sleep(0.5)
        seen.append(memory_mb(of))
    return {who: min(one[who] for one in seen) for who in ("server", "worker")}


def memory_mb(of: Room) -> dict[str, float]:
    pid = of.server.process.pid
    children = [
        int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()
    ]
    workers = [one for one in children if b"spawn_main" in Path(f"/proc/{one}/cmdline").read_bytes()]
    return {"server": round(resident_mb(pid), 1), "worker": round(sum(map(resident_mb, workers)), 1)}


def resident_mb(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def watched(polls: int) -> dict[str, Any]:
    with room(1) as here, small_calls(here) as took:
        found = polled(here.server, here.tokens[0], polls, here.folder / "notes")
    without, with_ = (p99_ms(took, *found.pop(name)) for name in ("without", "with"))
    return found | {"small_p99_ms": {"without": round(without, 2), "with": round(with_, 2)}}


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--json", type=Path)
    arguments.add_argument("--clients", type=int, default=20)
    arguments.add_argument("--jobs", type=int, default=10)
    arguments.add_argument("--seconds", type=float, default=1.0)
    arguments.add_argument("--polls", type=int, default=1000)
    arguments.add_argument("--memory", type=int, default=2000)
    arguments.add_argument("only", nargs="*", help="even, flood, polls, memory; all if none is given")
    options = arguments.parse_args()
    former = os.environ.get("PYTHONPATH", "")
    os.environ["PYTHONPATH"] = os.pathsep.join([*filter(None, [former]), str(ROOT), str(ROOT / "tests")])
    scenes = {
        "even": lambda: even(options.clients, options.jobs, options.seconds),
        "flood": lambda: flooded(5, 10, options.seconds),
        "polls": lambda: watched(options.polls),
        "memory": lambda: remembering(options.memory),
    }
    found: dict[str, Any] = {}
    for name, scene in scenes.items():
        if options.only and name not in options.only:
            continue
        load = os.getloadavg()[0]
        found[name] = scene() | {"load_before": round(load, 1), "load_after": round(os.getloadavg()[0], 1)}
        print(name, found[name], flush=True)
    if options.json:
        options.json.write_text(json.dumps(found, indent=1))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
