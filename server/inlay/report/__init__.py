"""What was tried, approved and spent, from a journal alone."""

from inlay.report.figures import KEYS, Figures, Summary, summarise
from inlay.report.rates import RATES_FILE, Rates, read_rates
from inlay.report.reading import read
from inlay.report.regions import place

__all__ = ["KEYS", "RATES_FILE", "Figures", "Rates", "Summary", "place", "read", "read_rates", "summarise"]
