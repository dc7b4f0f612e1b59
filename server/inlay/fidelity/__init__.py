"""Fidelity: generated pixels belong to their surroundings in light, colour, sharpness, grain and edge."""

from inlay.fidelity.belonging import ArrayShapeError, Belonging, belong
from inlay.fidelity.enlargement import faithful
from inlay.fidelity.intent import Intent
from inlay.fidelity.matching import Amounts, Matched, match, matched
from inlay.fidelity.matting import Matte, matte
from inlay.fidelity.report import Registration, Report, Surroundings, Trust
from inlay.fidelity.separation import reconcile

__all__ = [
    "Amounts",
    "ArrayShapeError",
    "Belonging",
    "Intent",
    "Matched",
    "Matte",
    "Registration",
    "Report",
    "Surroundings",
    "Trust",
    "belong",
    "faithful",
    "match",
    "matched",
    "matte",
    "reconcile",
]
