"""Says in a file what was done to its picture: IPTC's source type in XMP, and C2PA Content Credentials, signed here."""

from inlay.provenance.acts import Act, act_of, acts_in
from inlay.provenance.kinds import sidecar_of
from inlay.provenance.marking import Marked, sign
from inlay.provenance.remembered import memories_in
from inlay.provenance.statement import Statement, restated

__all__ = ["Act", "Marked", "Statement", "act_of", "acts_in", "memories_in", "restated", "sidecar_of", "sign"]
