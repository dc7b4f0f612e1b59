"""What holds for all tests: Node is found beside this Python, however they were started, and no case has a deadline."""

import os
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

os.environ["PATH"] = os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])

settings.register_profile("inlay", deadline=None)  # How long a case takes says how busy the machine is.
settings.load_profile("inlay")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Iterator[None]:
    """Tells of every test that `make test` had to run twice, with how it failed at first: a fault that is not understood yet.

    The whole of it comes first; a line of each is among the last ones, which is all that is kept of a long log.
    """
    unsteady = terminalreporter.stats.get("rerun", ())
    for report in unsteady:
        terminalreporter.section(f"unsteady: {report.nodeid}", sep="_")
        terminalreporter.write_line(report.longreprtext)
    yield
    for report in unsteady:
        crash = getattr(report.longrepr, "reprcrash", None)
        how = f"{Path(crash.path).name}:{crash.lineno}: {crash.message[:400]}" if crash else report.longreprtext[-400:]
        terminalreporter.write_line(f"unsteady: {report.nodeid}: {how}")
