"""One master, many deliverables: its masks carried to sibling pictures, and it in other formats."""

from inlay.batch.siblings import Carried, Master
from inlay.formats import Format, Framing, framing
from inlay.siblings import propagate

__all__ = ["Carried", "Format", "Framing", "Master", "framing", "propagate"]
