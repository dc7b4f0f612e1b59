"""Where in the text of a TOML file a style stands: for errors that name the line, and for changes that leave the rest as it is.

https://toml.io/en/v1.0.0. `tomllib` reads and tells no lines; nothing here reads values.
"""

import re
from typing import NamedTuple

TABLE = "styles"

_HEADER = re.compile(r"\s*\[\[?\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?")
_KEY = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_PART = re.compile(r"""[\w-]+|"([^"]*)"|'([^']*)'""")
_QUOTES = re.compile(r'"""|\'\'\'')


class Mark(NamedTuple):
    """A table's header or a key. line: from 0. path: from the file's root."""

    line: int
    path: tuple[str, ...]
    is_header: bool


def marks_of(text: str) -> list[Mark]:
    """The headers and keys of a document, but for what stands inside texts and arrays of several lines."""
    marks: list[Mark] = []
    table: tuple[str, ...] = ()
    open_text, depth = "", 0
    for number, line in enumerate(text.split("\n")):
        if open_text:
            open_text = "" if line.count(open_text) % 2 else open_text
            continue
        if not depth:
            if header := _HEADER.fullmatch(line):
                table = _path(header[1])
                marks.append(Mark(number, table, True))
                continue
            if key := _KEY.match(line):
                marks.append(Mark(number, (*table, *_path(key[1])), False))
        bare = _bare(line)
        depth = max(0, depth + bare.count("[") + bare.count("{") - bare.count("]") - bare.count("}"))
        quotes = _QUOTES.findall(line)
        open_text = quotes[-1] if len(quotes) % 2 else ""
    return marks


def line_of(text: str, style: str, part: str) -> int:
    """The line, from 1, of a part of a style such as `loras[0].weight`, or of the nearest thing around it."""
    wanted = (TABLE, style, *re.sub(r"\[\d+\]", "", part).split("."))
    found = max(
        (mark for mark in marks_of(text) if mark.path == wanted[: len(mark.path)]),
        key=lambda mark: len(mark.path),
        default=Mark(0, (), True),
    )
    return found.line + 1


def block_of(text: str, style: str) -> tuple[int, int]:
    """First line and the line behind the last of a style's own tables, from 0. Raises LookupError where it has none."""
    headers = [mark for mark in marks_of(text) if mark.is_header]
    mine = [at for at, mark in enumerate(headers) if mark.path[:2] == (TABLE, style)]
    if not mine or mine != list(range(mine[0], mine[-1] + 1)):
        raise LookupError(style)
    lines = text.split("\n")
    end = headers[mine[-1] + 1].line if mine[-1] + 1 < len(headers) else len(lines)
    # What stands right above the next header is about that one.
    while end > 0 and (not lines[end - 1].strip() or (end < len(lines) and lines[end - 1].lstrip().startswith("#"))):
        end -= 1
    return headers[mine[0]].line, end


def comments_in(lines: list[str]) -> list[str]:
    """The lines that are nothing but comments."""
    return [line for line in lines if line.lstrip().startswith("#")]


def _path(dotted: str) -> tuple[str, ...]:
    return tuple(found[1] or found[2] or found[0] for found in _PART.finditer(dotted))


def _bare(line: str) -> str:
    """Without texts and comments, so that brackets can be counted."""
    return re.sub(r""""(?:\\.|[^"\\])*"|'[^']*'|#.*""", "", line)
