"""Every part of the panel has an action for shortcuts."""

import re
from pathlib import Path

from inlay_bridge import result
from inlay_bridge.inside import app

import inlay_krita
from inlay_krita.entry import ACTIONS

folder = Path(inlay_krita.__file__).with_name("actions")
listed = re.findall(r'Action name="(\w+)"', (folder / "inlay_krita.action").read_text())
result["listed"], result["registered"] = listed, list(ACTIONS)
result["missing"] = [name for name in listed if app.action(name) is None]
