"""A document nobody sees, in which a result is put together before the user's document gets it in one piece.

Krita has no undo macros and (before 5.2) no way to create a transparency mask from a script. A .kra of a few hundred
bytes has such a mask; Krita opens it without a window, and `duplicate()` copies a node with everything inside it.
"""

import tempfile
import zipfile
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from xml.sax.saxutils import quoteattr

from krita import Krita

from ..qt import QtCore
from ..words import say
from . import identity
from .capture import Mask
from .facts import CannotEdit, Facts

_TEMPLATE = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE DOC PUBLIC '-//KDE//DTD krita 2.0//EN' 'http://www.calligra.org/DTD/krita-2.0.dtd'>
<DOC xmlns="http://www.calligra.org/DTD/krita" syntaxVersion="2.0" kritaVersion="5.1.5" editor="Krita">
<IMAGE name="inlay" mime="application/x-kra" width="{width}" height="{height}" colorspacename={space} profile={profile}
 x-res="100" y-res="100" description=""><layers><layer name="group" nodetype="grouplayer" filename="layer1"
 uuid="{{5f0c5f6e-9f0e-4d0b-9a44-3a0f0f6c1a01}}" compositeop="normal" opacity="255" visible="1" locked="0" x="0" y="0"
 collapsed="0" intimeline="0" passthrough="0" colorlabel="0" channelflags="" channellockflags=""><masks><mask
 name="Mask" nodetype="transparencymask" filename="mask2" uuid="{{5f0c5f6e-9f0e-4d0b-9a44-3a0f0f6c1a02}}" visible="1"
 locked="0" x="0" y="0" colorlabel="0" intimeline="0" active="1"/></masks><layers/></layer></layers></IMAGE></DOC>
"""

MAX_KEPT = 3
"""Hidden documents that stay open: one for each kind of picture that is being worked on."""

MAX_BUILT_BYTES = 256 << 20
"""What was built in a hidden document stays there; it is replaced after so many bytes of pixels."""

_kept: "dict[Facts, Scratch]" = {}
"""The one that was asked for last is the last."""


class Scratch:
    """The hidden document; its group and mask have the colour space of the document they are meant for."""

    def __init__(self, document, pixel_bytes: int):
        self.document = document
        self.pixel_bytes = pixel_bytes
        self.built_bytes = 0
        """Pixels that were put into it so far."""
        self.groups = 0
        """How many are being built in it."""

    @contextmanager
    def group(self, name: str, mask: "Mask | None"):
        """A new group in it that carries `mask`, or none; take a duplicate.

        It stays there until the document is closed: the undo history would keep its pixels all the same. It gets its name
        and its mask before it joins, because Krita's layer list hears of it only later and complains about changes.
        """
        self.check()
        root = self.document.rootNode()
        template, *earlier = root.childNodes()
        self.groups += 1  # First of all: Krita lets other edits go on while it adds a node.
        try:
            for node in earlier:
                if node.visible() and self.groups == 1:
                    node.setVisible(False)  # Not composited any more.
            group = template.duplicate()
            group.setName(name)
            (node,) = group.childNodes()
            if mask is None:
                node.remove()
            else:
                node.setName(say("result.mask"))
                node.setPixelData(QtCore.QByteArray(mask.data), *mask.region)
            root.addChildNode(group, None)
            yield group
        finally:
            self.groups -= 1
            if identity.is_open(self.document):
                self.document.setModified(False)

    def check(self) -> None:
        """Raises CannotEdit where something closed it, as scripts that close all documents do."""
        if not identity.is_open(self.document):
            raise CannotEdit(say("plan.scratch_closed"))


def ready(facts: Facts) -> Scratch:
    """The scratch document for results in documents with `facts`: kept from before, or opened now.

    Opening and closing one takes the UI thread 30 to 50 ms each (Krita registers each document with its resource
    database), so it is kept. It is as large as the target because Krita computes what a group covers only inside the
    canvas; the canvas itself costs nothing. The colour space is the target's because a group keeps the one it was made in
    and would lose depth. Raises CannotEdit where Krita does not know the profile.
    """
    kept = _kept.pop(facts, None)
    if kept and not identity.is_open(kept.document):
        kept = None  # Some script closed all documents.
    if kept and kept.built_bytes > MAX_BUILT_BYTES and not kept.groups:
        _close(kept)
        kept = None
    _kept[facts] = kept or _open_for(facts)
    _close_idle([other for other in _kept if other != facts][: max(0, len(_kept) - MAX_KEPT)])
    return _kept[facts]


def is_hidden(document) -> bool:
    """Whether a document is one of these."""
    return any(document == scratch.document for scratch in _kept.values())


def close_unneeded() -> None:
    """Closes those for which no picture is open any more."""
    pictures = [document for document in identity.documents() if not is_hidden(document)]
    needed = {
        (picture.width(), picture.height(), picture.colorModel(), picture.colorDepth(), picture.colorProfile())
        for picture in pictures
    }
    _close_idle([facts for facts in _kept if facts not in needed])


def close_all() -> None:
    """Closes every hidden document."""
    for facts in list(_kept):
        _close(_kept.pop(facts))


def _close_idle(which: "list[Facts]") -> None:
    for facts in which:
        if not _kept[facts].groups:
            _close(_kept.pop(facts))


def _close(scratch: Scratch) -> None:
    if identity.is_open(scratch.document):
        scratch.document.setModified(False)
        scratch.document.close()


def _open_for(facts: Facts) -> Scratch:
    document = _open(
        _TEMPLATE.format(
            width=facts.width,
            height=facts.height,
            space=quoteattr(facts.color_space),
            profile=quoteattr(facts.profile),
        )
    )
    document.setBatchmode(True)
    got = (document.colorModel(), document.colorDepth(), document.colorProfile())
    if got != (facts.model, facts.depth, facts.profile):
        document.close()
        raise CannotEdit(say("plan.no_profile", profile=facts.profile))
    return Scratch(document, facts.pixel_bytes)


def _open(maindoc: str):
    with tempfile.TemporaryDirectory(prefix="inlay-") as folder:
        path = str(Path(folder) / "result.kra")
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("mimetype", "application/x-krita")
            archive.writestr("maindoc.xml", maindoc)
        with undisturbed():
            return Krita.instance().openDocument(path)


@contextmanager
def undisturbed():
    """No dialogs meanwhile."""
    krita = Krita.instance()
    before = krita.batchmode()
    krita.setBatchmode(True)
    try:
        yield
    finally:
        krita.setBatchmode(before)


def icc_unless(known, facts: Facts) -> bytes:
    """The ICC bytes of a document's profile; none where its name is among the `known` ones, and enough."""
    return b"" if facts.profile in known else icc_of(facts.model, facts.depth, facts.profile)


@lru_cache
def icc_of(model: str, depth: str, profile: str) -> bytes:
    """The ICC profile itself, which Krita's scripts cannot read: it lies inside every saved .kra. Empty if it does not."""
    with tempfile.TemporaryDirectory(prefix="inlay-") as folder, undisturbed():
        path = str(Path(folder) / "profile.kra")
        document = Krita.instance().createDocument(1, 1, "profile", model, depth, profile, 100.0)
        document.setBatchmode(True)
        try:
            document.saveAs(path)
            document.waitForDone()
        finally:
            document.setModified(False)
            document.close()
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if name.endswith("annotations/icc")]
            return archive.read(names[0]) if names else b""
