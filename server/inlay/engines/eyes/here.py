"""Which small networks this machine has, and what to type for the others."""

from pathlib import Path

from inlay.engines.models.catalog import Catalog, ModelEntry, check_unchanged
from inlay.errors import InlayError, Unsupported


class Eyes:
    """The small networks of a catalog, by the names of `inlay.engines.models.carriers.CARRIED`. None: there are none."""

    def __init__(self, catalog: Catalog | None) -> None:
        self._catalog = catalog

    def has(self, name: str) -> bool:
        """Whether it is here. A file that cannot be read hides them all."""
        return self._entry(name) is not None

    def place(self, name: str) -> Path:
        """The folder of its files, which are those that were taken.

        Raises Unsupported, saying what to type, where it is not here; FilesChanged.
        """
        entry = self._entry(name)
        if entry is None:
            raise Unsupported(lacking(name), field="model")
        check_unchanged(entry)
        return entry.location

    def sha256(self, name: str) -> str:
        """Of its files, for receipts; empty where it is not here."""
        entry = self._entry(name)
        return entry.sha256 if entry else ""

    def _entry(self, name: str) -> ModelEntry | None:
        try:
            entries = self._catalog.entries() if self._catalog else ()
        except InlayError:
            return None
        return next((entry for entry in entries if entry.family == name and entry.location.is_dir()), None)


def lacking(name: str) -> str:
    """What to tell somebody who would need it."""
    return f"the small network {name!r} is not here; run: inlay models pull {name}"
