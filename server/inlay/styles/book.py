"""The studio's styles: one `styles.toml`, read anew whenever it changed, and the references' samples in a folder beside it.

People edit the file by hand, so a change touches the lines of one style and nothing else: comments and order stay.
"""

import os
import re
from pathlib import Path

from inlay.errors import InvalidInput, NotFound, StyleConflict
from inlay.lock import hold
from inlay.recipe import Style
from inlay.styles.layout import TABLE, block_of, comments_in
from inlay.styles.limits import check
from inlay.styles.reading import VERSION, numbered, plain_of, styles_of
from inlay.toml_text import toml_text

STYLES_FILE = "styles.toml"
"""In the data folder."""

MAX_STYLES = 512

_HEAD = f"""# The styles of this studio, shared by everybody who uses this server. Edit it as you like: the next run reads it.
# `inlay style check` says what is wrong with it; docs/steering.md says what a style may hold.
version = {VERSION}
"""


class StyleBook:
    """The styles of one file, which need not exist. Safe for threads and processes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.folder = path.with_suffix("")
        """Samples of references, each a file named by its SHA-256. Nothing is ever taken away there."""
        self._read: tuple[tuple[int, int, int], tuple[Style, ...] | InvalidInput] | None = None

    def styles(self) -> tuple[Style, ...]:
        """All, in the order of the file. Raises InvalidInput naming the line that is wrong."""
        try:
            facts = os.stat(self.path)
        except FileNotFoundError:
            return ()
        state = (facts.st_mtime_ns, facts.st_size, facts.st_ino)
        if self._read is None or self._read[0] != state:
            self._read = state, self._parsed()
        found = self._read[1]
        if isinstance(found, InvalidInput):
            raise InvalidInput(found.field, found.value, found.limit)
        return found

    @property
    def state(self) -> str:
        """Another text as soon as the file is another; empty without one."""
        try:
            facts = os.stat(self.path)
        except FileNotFoundError:
            return ""
        return f"{facts.st_mtime_ns:x}-{facts.st_size:x}-{facts.st_ino:x}"

    def style(self, style_id: str) -> Style:
        """The style of that name. Raises NotFound, InvalidInput."""
        found = next((one for one in self.styles() if one.id == style_id), None)
        if found is None:
            known = ", ".join(one.id for one in self.styles()) or "none"
            raise NotFound("style", style_id, field="sampling.style", hint=f"there are: {known}")
        return found

    def save(self, style: Style, replaces: str = "") -> Style:
        """Keep a style; what others saved or wrote meanwhile stays. replaces: the version that it takes the place of; empty: it is
        new. Returns it with its version.

        Raises InvalidInput, StyleConflict where the name is taken or the version is another by now.
        """
        check(style, lambda part: f"style.{part}")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with hold(self.path.with_suffix(".lock")):
            here = {one.id: one for one in self.styles()}
            known = here.get(style.id)
            if (known.sha256 if known else "") != replaces:
                raise StyleConflict(style.id, known.sha256 if known else "")
            if known is None and len(here) >= MAX_STYLES:
                raise InvalidInput("style", f"the {MAX_STYLES + 1}th", f"at most {MAX_STYLES} are allowed")
            text = self.path.read_text(encoding="utf-8") if self.path.exists() else _HEAD
            made = numbered(style)
            changed = _changed(text, made, is_new=known is None)
            if styles_of(changed, str(self.path)) != tuple({**here, style.id: made}.values()):
                limit = "it stands in the file in a way that only its writer can change; edit the file by hand"
                raise InvalidInput("style.id", repr(style.id), limit)
            partial = self.path.with_suffix(".new")
            partial.write_text(changed, encoding="utf-8")
            os.replace(partial, self.path)
            self._read = None
        return made

    def keep(self, sha256: str, samples: bytes | memoryview) -> None:
        """Have the samples of a reference beside the file."""
        self.folder.mkdir(parents=True, exist_ok=True)
        place = self.folder / sha256
        if not place.exists():
            partial = place.with_suffix(f".{os.getpid()}.new")
            partial.write_bytes(samples)
            os.replace(partial, place)

    def samples(self, sha256: str) -> bytes | None:
        """The samples of a reference; None where they are not here."""
        try:
            return (self.folder / sha256).read_bytes()
        except OSError:
            return None

    def new_id(self, title: str) -> str:
        """A name for a style called `title` that none has yet."""
        base = re.sub(r"[^a-z0-9._-]+", "-", title.lower()).strip("-._")[:60] or "style"
        taken = {one.id for one in self.styles()}
        return next(name for name in (base, *(f"{base}-{n}" for n in range(2, MAX_STYLES + 3))) if name not in taken)

    def _parsed(self) -> tuple[Style, ...] | InvalidInput:
        try:
            return styles_of(self.path.read_text(encoding="utf-8"), str(self.path))
        except InvalidInput as wrong:
            return wrong
        except (OSError, UnicodeDecodeError) as error:
            return InvalidInput(str(self.path), "not readable", f"it must be UTF-8 text ({error})")


def _changed(text: str, style: Style, *, is_new: bool) -> str:
    """The document with that style in it, and everything else as it was."""
    table = toml_text({TABLE: {style.id: plain_of(style)}}).rstrip("\n")
    if is_new:
        return f"{text.rstrip()}\n\n{table}\n".lstrip("\n")
    try:
        first, end = block_of(text, style.id)
    except LookupError:
        return text
    lines = text.split("\n")
    head, *rest = table.split("\n")
    return "\n".join([*lines[:first], head, *comments_in(lines[first:end]), *rest, *lines[end:]])
