"""What a recolor takes of the worker's memory while it is made: a studio's 24 MP photograph has to fit beside a model."""

from __future__ import annotations

import tracemalloc

import cv2
import numpy as np
import pytest
from skimage import data

from inlay.recipe import Verb
from support.retouching import retouch

pytestmark = pytest.mark.slow


MOST_BYTES_A_PX = 185


def test_a_recolor_takes_few_copies_of_the_picture() -> None:
    picture = cv2.resize(data.astronaut(), (1400, 1400), interpolation=cv2.INTER_CUBIC)
    selection = np.full(picture.shape[:2], 255, np.uint8)
    selection[:20] = 0
    retouch(picture[:64, :64], selection[:64, :64], Verb.RECOLOR, target_color="#1f4e79")

    tracemalloc.start()
    try:
        retouch(picture, selection, Verb.RECOLOR, target_color="#1f4e79")
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert most / selection.size <= MOST_BYTES_A_PX
