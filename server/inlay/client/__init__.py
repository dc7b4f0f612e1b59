"""The Python client: what the command line and scripts use.

Public is what `__all__` names here and in `inlay.documents`, and every type of `inlay.errors`. All else may change with any
version. `examples/` shows it at work.
"""

from inlay.capabilities import Capabilities
from inlay.client.answers import EditPlan, Reading, ServerInfo, Upload
from inlay.client.client import Client
from inlay.client.edit import Edited, Wish, edit_document
from inlay.client.probe import probe_document
from inlay.client.watching import Unwatched, Watcher
from inlay.events import Done, Event, Failed, JobCancelled, Loading, Preview, Queued, Step, VariationDone
from inlay.job import HistoryEntry, Job, JobState, Lane, Rating, Ticket
from inlay.recipe import Recipe, Tier, Verb
from inlay.region import Rect, Size

__all__ = [
    "Capabilities",
    "Client",
    "Done",
    "EditPlan",
    "Edited",
    "Event",
    "Failed",
    "HistoryEntry",
    "Job",
    "JobCancelled",
    "JobState",
    "Lane",
    "Loading",
    "Preview",
    "Queued",
    "Rating",
    "Reading",
    "Recipe",
    "Rect",
    "ServerInfo",
    "Size",
    "Step",
    "Ticket",
    "Tier",
    "Unwatched",
    "Upload",
    "VariationDone",
    "Verb",
    "Watcher",
    "Wish",
    "edit_document",
    "probe_document",
]
