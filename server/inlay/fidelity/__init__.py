"""Fidelity: generated pixels belong to their surroundings in light, colour, sharpness, grain and edge."""

from inlay.fidelity.belonging import Harmonized, Op, belong, harmonize
from inlay.fidelity.report import Registration, Report, Trust
from inlay.fidelity.samples import SampleTypeError

__all__ = ["Harmonized", "Op", "Registration", "Report", "SampleTypeError", "Trust", "belong", "harmonize"]
