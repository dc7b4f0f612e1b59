"""Runs scenario files that appear in a folder inside Krita and writes their results as JSON. Only for the tests.

A scenario `7.py` is executed in the GUI thread; what it puts into `result` (or the traceback) is written to `7.json`. It finds
what `7.given` has, as JSON, in `given`; scripts import both from here. Names live on from one scenario to the next: scripts
import those of earlier ones from `inlay_bridge.scene`.
"""

import faulthandler
import json
import os
import traceback
from pathlib import Path

from PyQt5.QtCore import QObject, QTimer

POLL_MS = 10

AT_HAND = """
from inlay_bridge.inside import *
from inlay_krita import api
from inlay_krita.host import place
from PyQt5.QtTest import QTest
"""
"""What the short questions of a test find without saying so."""

given = {}
result = {}


class Bridge(QObject):
    """Executes one scenario after the other, in the order of their numbers."""

    def __init__(self, folder):
        super().__init__()
        self.folder = Path(folder)
        self.busy = False
        self.names = {"__name__": "scenario", "perform": self.perform}
        self.timer = QTimer(self)
        self.timer.timeout.connect(self.look)
        self.timer.start(POLL_MS)
        (self.folder / "ready").write_text(str(os.getpid()))

    def look(self):
        """Runs the next scenario; does nothing while one pumps the event loop."""
        if self.busy:
            return
        waiting = sorted(self.folder.glob("*.py"), key=lambda path: int(path.stem))
        if not waiting:
            return
        self.busy = True
        try:
            self.execute(waiting[0])
        finally:
            self.busy = False

    def execute(self, path):
        """Runs one scenario file and answers."""
        names = self.names
        handed = path.with_suffix(".given")
        for name, value in (("given", json.loads(handed.read_text())), ("result", {})):
            names[name] = globals()[name] = value
        handed.unlink()
        names.update(given)
        source = path.read_text("utf-8")
        path.unlink()
        if "pump_until" not in names:
            exec(AT_HAND, names)
        try:
            exec(compile(source, str(path), "exec"), names)
            answer = {"result": names["result"]}
        except BaseException:
            answer = {"error": traceback.format_exc()}
        unfinished = path.with_suffix(".tmp")
        unfinished.write_text(json.dumps(answer, default=str))
        unfinished.rename(path.with_suffix(".json"))

    def perform(self, script):
        """Runs a script of the tests among the names that there are."""
        exec(compile(Path(script).read_text("utf-8"), script, "exec"), self.names)


if os.environ.get("INLAY_KRITA_BRIDGE"):
    faulthandler.enable(2)  # Into Krita's log, where it says what Python did when Krita died.
    bridge = Bridge(os.environ["INLAY_KRITA_BRIDGE"])
