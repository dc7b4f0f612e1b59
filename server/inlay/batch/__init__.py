"""One master, many deliverables: its masks carried to sibling pictures, and it in other formats."""

from inlay.batch.formats import Format, Framing, framing
from inlay.batch.propagation import propagate
from inlay.batch.siblings import Carried, Master

__all__ = ["Carried", "Format", "Framing", "Master", "framing", "propagate"]
