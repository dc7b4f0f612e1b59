"""What a file that Inlay writes says of itself: IPTC's source type, and Content Credentials where they are wanted or came along."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from inlay.documents import Document
from inlay.documents.metadata import CREDENTIALS, with_texts_as_xmp
from inlay.errors import InvalidInput
from inlay.provenance.acts import Act, acts_in
from inlay.provenance.kinds import bytes_of
from inlay.provenance.marking import XMP_LEFT, sign, terms_in
from inlay.provenance.packet import stating, term_in
from inlay.provenance.source_types import strongest


def restated(packet: bytes, origin: bytes, acts: Iterable[Act]) -> bytes:
    """The XMP packet of a document that an editor has open, once what `acts` did is in it; empty where it is to stay as it is.

    origin: the packet of the document that was edited, where that is another one.
    Raises InvalidInput where there is something to say, and the packet cannot be read.
    """
    said = term_in(packet)
    done = strongest(act.term for act in acts)
    term = strongest([said, term_in(origin), done])
    if not done or term == said:
        return b""
    made = stating(packet, term)
    if made is None:
        raise InvalidInput("xmp", packet[:40].decode(errors="replace"), "it must be an XMP packet, or empty")
    return made


_WITHOUT_TEXTS = {".tif": "TIFF", ".tiff": "TIFF", ".psd": "PSD"}


@dataclass(frozen=True)
class Statement:
    """Of one edit's files, made before any of them is written: one of them may take the original's place."""

    acts: tuple[Act, ...]
    before: tuple[str, ...]
    """Source types of what came before, but for that in the document's own XMP."""
    original: bytes
    """The file that was edited, where it has to be known."""
    data_dir: Path | None
    """Whose certificate signs; None: nobody does."""

    @classmethod
    def of(
        cls, document: Document, memories: Iterable[Mapping[str, Any]], data_dir: Path, wanted: bool | None = None
    ) -> "Statement":
        """For what came of `document`. memories: as `acts_in` takes them.

        wanted: whether it is signed; None: where the original carries Content Credentials, which are kept thereby.
        """
        acts = acts_in(memories)
        carries = CREDENTIALS in document.notes
        signs = bool(acts) and (carries if wanted is None else wanted)
        original = document.original or bytes_of(document.path) if acts and (signs or carries) else b""
        return cls(acts, tuple(terms_in(original)), original if signs else b"", data_dir if signs else None)

    def made_in(self, document: Document, suffix: str, receipts: Sequence[str] = ()) -> Document:
        """The document as a file of that suffix is to have it. receipts: JSON of edits that no layer of it remembers."""
        if not self.acts:
            return document
        said, notes = document.metadata, document.notes
        if suffix.lower() in _WITHOUT_TEXTS:
            said, more = with_texts_as_xmp(said, _WITHOUT_TEXTS[suffix.lower()])
            notes += more
        term = strongest([*(act.term for act in self.acts), *self.before, term_in(said.xmp)])
        packet = stating(said.xmp, term)
        if packet is None:
            packet, notes = said.xmp, (*notes, XMP_LEFT)
        if self.data_dir:
            notes = tuple(note for note in notes if note != CREDENTIALS)
        return replace(document, metadata=replace(said, xmp=packet, recipes=(*said.recipes, *receipts)), notes=notes)

    def sign(self, path: Path) -> tuple[Path, ...]:
        """Sign a file that was written; the sidecar, where it got one."""
        if self.data_dir is None:
            return ()
        marked = sign(path, self.acts, self.data_dir, original=self.original)
        return (marked.file,) if marked.file != path else ()
