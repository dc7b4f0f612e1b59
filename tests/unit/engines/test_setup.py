"""What a newcomer is told to get fits the card and leaves them free."""

import pytest

from inlay.engines.models.memory_verdict import Machine
from inlay.engines.models.setup import would_run

GIB = 2**30


@pytest.mark.parametrize(
    ("card_gib", "first", "never"),
    [
        (8, "sd15", "z_image"),
        (16, "sdxl", "qwen_image"),
        (24, "flux2_klein", "qwen_image"),
        (96, "qwen_image", ""),
    ],
)
def test_what_fits_wholly_comes_first_the_larger_before_the_smaller(card_gib, first, never):
    told = [one.family for one in would_run(Machine(card_gib * GIB, 128 * GIB))]
    assert told[0] == first
    assert never not in told
    assert not {"flux_fill", "flux_kontext"} & set(told), "they are not for commercial use"


def test_without_a_card_no_model_is_told_to_be_got():
    assert would_run(Machine(0, 64 * GIB)) == ()
