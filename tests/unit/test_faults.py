"""An error that nobody foresaw: its client is told where in the log it is, and nothing of what is there."""

import contextvars
import logging

import pytest

from inlay.wire import request_id
from inlay.wire.faults import error_from, fault_of


def test_an_error_that_nobody_foresaw_names_the_line_in_the_log_and_keeps_its_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.handler.addFilter(request_id.Marking())

    def call() -> tuple[str, str, str]:
        request_id.begin()
        fault = fault_of(RuntimeError("the secret"))
        return request_id.current(), fault.message, error_from(fault.message, fault.facts).request

    (number, message, told), (other, _, _) = (contextvars.Context().run(call) for _ in range(2))
    assert message == f"the server failed with RuntimeError; its log says more at [{number}]"
    assert told == number != other
    assert [record.__dict__["request"] for record in caplog.records] == [f" [{number}]", f" [{other}]"]
    assert "the secret" in caplog.text
    assert caplog.records[0].levelno == logging.ERROR
    assert request_id.current() == ""
