"""The log's lines: for people or, one JSON object each, for machines. What a retoucher wrote is in none of them."""

import contextlib
import datetime
import json
import logging
import os
import re
import sys
from collections.abc import Collection, Generator, Iterator, Mapping
from contextvars import ContextVar
from typing import Any

from inlay.recipe import Recipe
from inlay.spool import Spool

JSON, TEXT = "json", "text"

_ENVIRONMENT = "INLAY_LOG"
"""Tells the workers, which are processes of their own, how the server writes."""

_FACTS = ("job", "painter", "lane", "tier", "model", "seconds", "code", "field", "variation", "request", "trace")
"""What a record may have besides its message, in the order in which it is written."""

_LEAST_CHARACTERS = 3
"""Shorter words are everywhere."""

_job: ContextVar[str] = ContextVar("job", default="")
_words: ContextVar[tuple[str, ...]] = ContextVar("words", default=())


@contextlib.contextmanager
def about(job_id: str, words: Collection[str] = ()) -> Generator[None]:
    """Whatever is logged until the block ends is about a job. words: what was written for it, and stays out of the log."""
    before = _job.set(job_id), _words.set(tuple(sorted(words, key=len, reverse=True)))
    try:
        yield
    finally:
        _job.reset(before[0])
        _words.reset(before[1])


def words_of(recipe: Recipe) -> Collection[str]:
    """What a retoucher wrote, and what a model is told of it."""
    resolved = recipe.sampling.resolved
    told = (resolved.told.prompt, resolved.told.negative_prompt) if resolved and resolved.told else ()
    sentences = (text for text in _texts(recipe.options) if " " in text)  # a word alone is a choice's name
    written = recipe.words
    return {text for text in (written.prompt, written.negative_prompt, written.surroundings, *told, *sentences) if text}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)


def configure(form: str, *filters: logging.Filter) -> None:
    """Have this process and those that it starts log to standard error, from `INFO` on. filters: see every record first."""
    os.environ[_ENVIRONMENT] = form
    handler = Spool(sys.stderr, _Json() if form == JSON else _Text())
    for one in (*filters, _About()):
        handler.addFilter(one)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    logging.captureWarnings(True)


def configure_as_told() -> None:
    """In a process that a server started: log as it does."""
    if form := os.environ.get(_ENVIRONMENT, ""):
        configure(form)


class _About(logging.Filter):
    """Gives every record the job that it is about, and the words that it must not repeat."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.job = getattr(record, "job", "") or _job.get()
        record.words = _words.get()
        return True


class _Text(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        when = self.formatTime(record)
        message, request, job = record.getMessage(), getattr(record, "request", ""), getattr(record, "job", "")
        whose = f" ({job})" if job and job not in message else ""
        line = f"{when} {record.levelname}{request}{whose} {record.name}: {message}"
        return _hushed(line + ("\n" + self.formatException(record.exc_info) if record.exc_info else ""), record)


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        when = datetime.datetime.fromtimestamp(record.created, datetime.UTC)
        line: dict[str, Any] = {
            "ts": when.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "event": getattr(record, "event", "log"),
        }
        for fact in _FACTS:
            if (value := getattr(record, fact, "")) not in ("", None):
                line[fact] = value.strip(" []") if fact == "request" else value
        line |= {"logger": record.name, "message": _hushed(record.getMessage(), record)}
        if record.exc_info:
            line["exception"] = _hushed(self.formatException(record.exc_info), record)
        return json.dumps(line, ensure_ascii=False, default=str)


def _hushed(text: str, record: logging.LogRecord) -> str:
    for words in getattr(record, "words", ()):
        if len(words) >= _LEAST_CHARACTERS:
            text = re.sub(rf"(?<!\w){re.escape(words)}(?!\w)", "[...]", text)
    return text
