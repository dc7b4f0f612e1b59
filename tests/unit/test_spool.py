"""The log's lines reach whoever reads, or are counted; nobody who logs waits for them."""

import json
import os
import re
import subprocess
import sys

import pytest

MOST, LOGGED = 50, 4_000

SCRIPT = """
import logging, sys
from inlay import logs, spool
spool.MOST_LINES = int(sys.argv[3])
logs.configure(sys.argv[1])
for number in range(int(sys.argv[2])):
    logging.getLogger("talk").info("line %d, ä", number)
print("logged", flush=True)
sys.stdin.readline()
logging.getLogger("talk").info("the last line")
"""


def talking(form: str, lines: int, most: int = MOST) -> "subprocess.Popen[str]":
    """A process that has logged lines into a pipe which nobody read so far."""
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, form, str(lines), str(most)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )
    assert process.stdout
    assert process.stdout.readline() == "logged\n"
    return process


def said_by(process: "subprocess.Popen[str]", form: str) -> list[str]:
    """All that it logged until its end, which comes now."""
    _, said = process.communicate("\n", timeout=120)
    assert process.returncode == 0
    return [json.loads(line)["message"] if form == "json" else line for line in said.splitlines()]


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_last_lines_are_written_before_a_process_ends(form: str) -> None:
    messages = said_by(talking(form, MOST - 1), form)
    assert len(messages) == MOST
    assert messages[-1].endswith("the last line")


@pytest.mark.parametrize("form", ["text", "json"])
def test_where_more_is_logged_than_is_read_every_line_is_written_in_its_order_or_counted(form: str) -> None:
    messages = said_by(talking(form, LOGGED), form)
    numbers = [int(found[1]) for line in messages if (found := re.search(r"line (\d+), ä$", line))]
    dropped = [int(found[1]) for line in messages if (found := re.search(r"(\d+) lines of the log were dropped", line))]
    assert numbers == sorted(set(numbers))
    last = any(line.endswith("the last line") for line in messages)
    assert len(numbers) + last + sum(dropped) == LOGGED + 1
    assert sum(dropped) > 0, "the pipe held everything"


@pytest.mark.parametrize("most", [MOST, 2 * LOGGED], ids=["a full queue", "a queue with room"])
def test_a_process_whose_log_is_never_read_ends_all_the_same(most: int) -> None:
    process = talking("text", LOGGED, most)
    assert process.stdin
    process.stdin.close()
    assert process.wait(120) == 0
    assert process.stderr
    process.stderr.close()
