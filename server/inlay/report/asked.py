"""A report for the page on the HTTP door: made in a process of its own, since a large journal takes seconds to read."""

import datetime
from pathlib import Path
from typing import NamedTuple

from inlay.blobs import BlobStore
from inlay.forms.catalogue import Catalogue
from inlay.report.figures import summarise
from inlay.report.page import page_of
from inlay.report.rates import RATES_FILE, read_rates
from inlay.report.reading import read
from inlay.report.regions import place


class ReportQuestion(NamedTuple):
    """Which report. words: of the page's language. since, until: the first day and the one after the last, where the server is."""

    journal: Path
    words: Catalogue
    by: str = "document"
    since: datetime.datetime | None = None
    until: datetime.datetime | None = None


def page_asked(question: ReportQuestion, blobs: BlobStore) -> str:
    """The page. Raises as `read` and `read_rates`."""
    rates = read_rates(question.journal.parent / RATES_FILE)
    summary = summarise(place(read(question.journal)), rates, question.by, question.since, question.until)
    return page_of(summary, datetime.datetime.now().astimezone(), question.words)
