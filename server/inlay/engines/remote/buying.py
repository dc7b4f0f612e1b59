"""A call that costs money: made once for each variation, repeated only where nothing was done for it, its answer kept."""

import contextlib
import json
import re
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any

from inlay.engines.interface import Progress, ledger_of
from inlay.engines.remote.keys import Key
from inlay.engines.remote.wire import Answer, BrokenOff, NotReached, Request, Wire
from inlay.errors import BadAnswer, Declined, MayBeBilled, Unavailable

LONGEST_WAIT_S = 120.0
"""Altogether; whoever asks for more patience is busy for the retoucher, too."""
TRIES = 5
_BUSY = (429, 503)
"""They say that nothing was done."""
_KEY_REFUSED = (401, 403)
_DELAY = re.compile(r"(\d+(?:\.\d+)?)s")
MAX_SAID = 300


class Till:
    """Where calls to one server are made. to: who that is, for people."""

    def __init__(self, wire: Wire, to: str, pause: Callable[[float], None] = time.sleep) -> None:
        self._wire = wire
        self._to = to
        self._pause = pause

    def buy(self, request: Request, key: Key, call: str, progress: Progress) -> Answer:
        """The answer of status 200 to `request`, which is the call named `call` of its job.

        Raises MayBeBilled where it was under way and no answer came, then or in an earlier attempt; Declined, BadAnswer,
        Unavailable, Cancelled.
        """
        ledger = ledger_of(progress)
        kept = ledger.kept(call)
        if kept is not None:
            return Answer(200, {"x-kept": "1"}, kept)
        waited_s = 0.0
        for attempt in range(1, TRIES + 1):
            progress.check()
            ledger.begin(call, self._to)
            try:
                answer = self._wire.call(request, progress.check)
            except NotReached as error:
                ledger.forget(call)
                pause_s, why = float(2 ** (attempt - 1)), f"{self._to} cannot be reached ({error.how})"
            except BrokenOff as error:
                raise MayBeBilled(self._to, f"it {error.how}") from None
            except Declined as error:
                ledger.forget(call)
                raise Declined(f"{self._to} was not asked: {error.message}") from None
            else:
                if answer.status == 200:
                    ledger.keep(call, answer.body)
                    return answer
                if answer.status not in _BUSY:
                    raise self._refused(answer, key, lambda: ledger.forget(call))
                ledger.forget(call)
                pause_s = _asked_pause_s(answer) or float(2**attempt)
                told = said(answer.body, key)
                if "insufficient_quota" in told:
                    raise Declined(f"{self._to} declines ({answer.status}): {told}")
                why = f"{self._to} is busy or its limit is reached ({answer.status}: {told}), asking for {pause_s:g} s of patience"
            if attempt == TRIES or waited_s + pause_s > LONGEST_WAIT_S:
                raise Unavailable(f"{why}; try again later")
            self._wait(pause_s, progress)
            waited_s += pause_s
        raise AssertionError("the last try ends it")

    def _refused(self, answer: Answer, key: Key, forget: Callable[[], None]) -> Exception:
        if answer.status >= 500:
            return MayBeBilled(self._to, f"it failed ({answer.status}: {said(answer.body, key)})")
        forget()
        if answer.status in _KEY_REFUSED:  # what it says may repeat parts of the key
            return Declined(f"{self._to} does not accept the key, or not for this model ({answer.status})")
        return Declined(f"{self._to} declines ({answer.status}): {said(answer.body, key)}")

    def _wait(self, seconds: float, progress: Progress) -> None:
        until = seconds
        while until > 0:
            progress.check()
            self._pause(min(0.05, until))
            until -= 0.05


def said(body: bytes, key: Key) -> str:
    """What an error says, in one line."""
    text = body[:4096].decode("utf-8", "replace")
    with contextlib.suppress(ValueError):
        error: Any = json.loads(body)
        error = error.get("error", error.get("detail", error)) if isinstance(error, dict) else error
        if isinstance(error, dict):
            named = [str(error[name]) for name in ("code", "status", "message") if error.get(name)]
            text = ": ".join(dict.fromkeys(named))
        else:
            text = str(error)
    return key.hidden_in(" ".join(text.split()))[:MAX_SAID] or "it gives no reason"


def parsed(body: bytes) -> dict[str, Any]:
    """The answer's object. Raises BadAnswer where it is none."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise BadAnswer(f"the answer is no JSON object ({len(body)} bytes)")
    return found


def _asked_pause_s(answer: Answer) -> float | None:
    """As `retry-after` or Google's RetryInfo has it."""
    after = answer.headers.get("retry-after", "")
    with contextlib.suppress(ValueError):
        return max(0.0, float(after))
    with contextlib.suppress(ValueError, TypeError):
        return max(0.0, parsedate_to_datetime(after).timestamp() - time.time())
    with contextlib.suppress(ValueError, AttributeError, TypeError):
        details: Any = json.loads(answer.body)["error"].get("details", ())
        for detail in details:
            if found := _DELAY.fullmatch(str(detail.get("retryDelay", ""))):
                return float(found[1])
    return None
