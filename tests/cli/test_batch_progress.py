"""What `inlay batch` shows while it works: bars on a terminal, and nothing of them in a pipe."""

import os
import re
import select
import subprocess
import time
from pathlib import Path

import pytest

from cli.conftest import INLAY, Run, Serving
from cli.test_batch import CELLS, masters, plan_in

pty = pytest.importorskip("pty", reason="a terminal as Unix has it")
pytestmark = pytest.mark.slow

LIMIT_S = 120
BAR = "━"
WIPED = "\x1b[1A\x1b[2K"
WIDTH = 40
"""Of a bar in columns, as Rich draws it."""
FAILING = ('hex = "#1f4e79"', 'hex = "navy blue"')
"""Four of the ten cells."""


def on_a_terminal(command: list[str], environment: dict[str, str]) -> str:
    """What a command draws on the terminal that its stderr is, until it ends."""
    ours, its = pty.openpty()
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=its, stdin=subprocess.DEVNULL, env=environment
    )
    os.close(its)
    drawn, deadline = b"", time.monotonic() + LIMIT_S
    try:
        while time.monotonic() < deadline:
            if not select.select([ours], [], [], 1)[0]:
                continue
            try:
                some = os.read(ours, 65_536)
            except OSError:  # Linux: the other end is closed
                break
            if not some:
                break
            drawn += some
        process.wait(max(1, deadline - time.monotonic()))
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    return drawn.decode()


def test_the_bar_of_a_plan_grows_cell_by_cell_to_all_of_them_failed_ones_too_and_is_gone_in_the_end(
    server: Serving, environment: dict[str, str], tmp_path: Path
) -> None:
    masters(tmp_path)
    plan = plan_in(tmp_path, "watched", "png", FAILING)
    around = environment | {"TERM": "xterm", "NO_COLOR": "1"}

    drawn = on_a_terminal([*INLAY, "batch", str(plan), "--data", str(server.data)], around)

    lines = [line for line in re.split(r"[\r\n]|\x1b\[2K", drawn) if "cells " in line]
    counts = [sum(map(int, re.findall(r"(\d+) (?:done|failed)", line))) for line in lines]
    assert counts[-1] == CELLS, lines[-1]
    assert "6 done" in lines[-1]
    assert "4 failed" in lines[-1]
    assert counts == sorted(counts)
    assert len(set(counts)) > 2, "it is drawn while the plan runs, and not only in the end"
    assert lines[-1].count(BAR) == WIDTH
    for line, count in zip(lines, counts, strict=True):
        if 0 < count < CELLS:
            assert line.count(BAR) == WIDTH * count // CELLS, line
    last = drawn.rindex(lines[-1]) + len(lines[-1])
    assert "\r" + 2 * WIPED in drawn[last:], "both lines are wiped"


def test_a_pipe_gets_no_bar(inlay: Run, server: Serving, tmp_path: Path) -> None:
    masters(tmp_path)

    said = inlay("batch", plan_in(tmp_path, "piped", "png", FAILING), "--data", server.data)

    assert f"6 of {CELLS} done" in said.out
    assert said.err == ""
    assert not re.search(f"[{BAR}\x1b]", said.out)
