"""A document nobody sees, in which a result is put together before the user's document gets it in one piece.

Krita has no undo macros and (before 5.2) no way to create a transparency mask from a script. A .kra of a few hundred
bytes has such a mask; Krita opens it without a window, and `duplicate()` copies a node with everything inside it.
"""

import tempfile
import zipfile
from contextlib import contextmanager
from pathlib import Path
from xml.sax.saxutils import quoteattr

from krita import Krita

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


class Scratch:
    """The hidden document. `group` carries `mask`; both have the colour space of the document they are meant for."""

    def __init__(self, document):
        self.document = document
        self.group = document.rootNode().childNodes()[0]
        self.mask = self.group.childNodes()[0]

    def close(self) -> None:
        self.document.setModified(False)
        self.document.close()


def open_scratch(facts: Facts, right: int, bottom: int) -> Scratch:
    """A scratch document for a result that ends at column `right` and row `bottom`.

    It is as large as that because Krita computes what a group covers only inside the canvas; the canvas itself costs
    nothing. The colour space is the target's because a group keeps the one it was made in and would lose depth.
    """
    document = _open(
        _TEMPLATE.format(
            width=right, height=bottom, space=quoteattr(facts.color_space), profile=quoteattr(facts.profile)
        )
    )
    got = (document.colorModel(), document.colorDepth(), document.colorProfile())
    if got != (facts.model, facts.depth, facts.profile):
        document.close()
        raise CannotEdit(
            f"Krita has no colour profile named “{facts.profile}”. Assign one that it lists, and try again."
        )
    return Scratch(document)


def _open(maindoc: str):
    with tempfile.TemporaryDirectory(prefix="inlay-") as folder:
        path = str(Path(folder) / "result.kra")
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("mimetype", "application/x-krita")
            archive.writestr("maindoc.xml", maindoc)
        with _undisturbed():
            return Krita.instance().openDocument(path)


@contextmanager
def _undisturbed():
    """No dialogs meanwhile."""
    krita = Krita.instance()
    before = krita.batchmode()
    krita.setBatchmode(True)
    try:
        yield
    finally:
        krita.setBatchmode(before)


def icc_of(facts: Facts) -> bytes:
    """The ICC profile itself, which Krita's scripts cannot read: it lies inside every saved .kra. Empty if it does not."""
    with tempfile.TemporaryDirectory(prefix="inlay-") as folder, _undisturbed():
        path = str(Path(folder) / "profile.kra")
        document = Krita.instance().createDocument(1, 1, "profile", facts.model, facts.depth, facts.profile, 100.0)
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
