"""The progress of a job inside a worker: what its engine tells, as often as is useful to whoever watches."""

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from inlay.engines.interface import Ledger
from inlay.errors import Cancelled
from inlay.events import Happening, Loading, Preview, Queued, Step
from inlay.region import Rect, Size

STEP_INTERVAL_S = 0.05
PREVIEW_INTERVAL_S = 0.1
WAITING_INTERVAL_S = 20.0
"""So often it is said that a job still waits in another server's line; silence would be taken for a worker that hangs."""
PREVIEW_SIDE_PX = 512


class Progress:
    """`inlay.edit.perform.JobProgress` of one job: reports as often as is useful, raises Cancelled once asked to."""

    def __init__(
        self,
        window: Rect,
        cancelled: Callable[[], bool],
        tell: Callable[[Happening], None],
        ledger: Ledger | None = None,
    ) -> None:
        self._window = window
        self._ledger = ledger
        self._cancelled = cancelled
        self._tell = tell
        self._first_step: tuple[int, float] | None = None
        self._last_step = float("-inf")
        self._finished = False
        self._last_preview = float("-inf")
        self._prepared = ""
        self._position = 0
        self._told_position = float("-inf")
        self._began_to_wait = 0.0
        self.pauses: Callable[[], bool] = lambda: False
        """Whether the job is to be let go of after its next variation."""
        self.let_go = False
        """Whether the engine was stopped for that."""
        self.may_pause = False
        """Whether a variation was finished; those that were painted along with it come before the next step."""
        self.waited_s = 0.0
        """In another server's line: no time that such a job takes."""

    def loading(self, what: str) -> None:
        self.check()
        self._prepared = what
        self._tell(Loading(what))

    def waits(self, position: int) -> None:
        self.check()
        now = time.monotonic()
        if position and (position != self._position or now - self._told_position >= WAITING_INTERVAL_S):
            self._told_position = now
            self._tell(Queued(position))
        if position and not self._position:
            self._began_to_wait = now
        if self._position and not position:
            self.waited_s += now - self._began_to_wait
            self._tell(Loading(self._prepared))
        self._position = position

    def step(self, index: int, total: int, phase: str) -> None:
        self.check()
        if self.may_pause and self.pauses():
            self.let_go = True
            raise Cancelled
        now = time.monotonic()
        # Not step 1 where variations of an earlier attempt are skipped; and what came before it was loading.
        first, began = self._first_step = self._first_step or (index, now)
        eta_s = (now - began) / (index - first) * (total - index) if index > first else None
        if now - self._last_step >= STEP_INTERVAL_S or (index == total and not self._finished):
            self._last_step, self._finished = now, index == total
            self._tell(Step(index, total, phase, eta_s))

    def preview(self, variation: int, pixels: NDArray[np.float32]) -> None:
        self.check()
        now = time.monotonic()
        if now - self._last_preview >= PREVIEW_INTERVAL_S:
            self._last_preview = now
            rgb = preview_of(pixels)
            self._tell(Preview(variation, Size(rgb.shape[1], rgb.shape[0]), self._window, rgb.tobytes()))

    def check(self) -> None:
        if self._cancelled():
            raise Cancelled

    @property
    def ledger(self) -> Ledger:
        assert self._ledger
        return self._ledger


def preview_of(pixels: NDArray[np.float32]) -> NDArray[np.uint8]:
    """From height x width x 3 float, sRGB-encoded, to 8 bit of the same shape, or smaller so that no side exceeds 512."""
    height, width = pixels.shape[:2]
    scale = PREVIEW_SIDE_PX / max(height, width)
    if scale < 1:
        import cv2

        size = max(1, round(width * scale)), max(1, round(height * scale))
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    return (np.clip(np.nan_to_num(pixels), 0, 1) * 255 + 0.5).astype(np.uint8)
