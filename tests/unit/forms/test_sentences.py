"""What a plan says in one line, before anything runs."""

import pytest

from inlay.forms import catalogues
from inlay.forms.sentences import cost_of, leaving_of, price_of
from inlay.region import Size

SMALL = Size(640, 480)
ENGLISH, GERMAN = (catalogues().speaking(locale) for locale in ("en", "de"))


@pytest.mark.parametrize(
    ("estimate_s", "scale", "queue_length", "said"),
    [
        (13.6, 1.0, 0, "about 14 s, full sharpness"),
        (13.6, 0.62, 0, "about 14 s, 62 % sharpness: select less for full"),
        (None, 1.7, 0, "full sharpness"),
        (None, 0.5, 1, "after 1 other edit, 50 % sharpness: select less for full"),
        (0.2, 1.0, 3, "after 3 other edits, about 1 s, full sharpness"),
        (2.0, 0.9996, 0, "about 2 s, 99 % sharpness: select less for full"),
    ],
)
def test_a_plan_says_seconds_and_sharpness_in_one_line(
    estimate_s: float | None, scale: float, queue_length: int, said: str
) -> None:
    assert cost_of(ENGLISH, estimate_s, scale, queue_length) == said


def test_a_plan_says_it_in_german():
    assert (
        cost_of(GERMAN, 14.0, 0.62, 2)
        == "nach 2 anderen Bearbeitungen, etwa 14 s, 62 % Schärfe: für volle weniger auswählen"
    )


@pytest.mark.parametrize(
    ("amount", "said"),
    [(0.0336, "0.034 USD (2026-11)"), (0.1344, "0.13 USD (2026-11)"), (12.0, "12.00 USD (2026-11)"), (0.0, "")],
)
def test_a_price_is_said_with_its_currency_and_its_date(amount: float, said: str) -> None:
    assert price_of(ENGLISH, amount, "USD", "2026-11") == said


def test_what_leaves_is_one_line_beside_the_button_that_runs_it():
    assert leaving_of(ENGLISH, Size(1024, 768), 0, "example.org", "") == "sends 1024 x 768 px to example.org"
    price = price_of(GERMAN, 0.5, "USD", "2026-11")
    assert leaving_of(GERMAN, SMALL, 0, "Beispiel", price) == "sendet 640 x 480 px an Beispiel, 0.50 USD (2026-11)"
    assert leaving_of(GERMAN, SMALL, 1, "Beispiel", "") == "sendet 640 x 480 px und 1 Vorlage an Beispiel"
    assert leaving_of(ENGLISH, SMALL, 3, "example.org", "") == "sends 640 x 480 px and 3 references to example.org"
