"""What holds for all tests: Node is found beside this Python, however they were started, and no case has a deadline."""

import os
import sysconfig

import pytest
from hypothesis import settings

os.environ["PATH"] = os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])

settings.register_profile("inlay", deadline=None)  # How long a case takes says how busy the machine is.
settings.load_profile("inlay")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tells of every test that `make test` had to run twice, with how it failed at first: a fault that is not understood yet."""
    for report in terminalreporter.stats.get("rerun", ()):
        terminalreporter.section(f"unsteady: {report.nodeid}", sep="_")
        terminalreporter.write_line(report.longreprtext)
