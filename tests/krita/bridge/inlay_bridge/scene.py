"""What earlier scripts of a scenario left: `from inlay_bridge.scene import made`."""

from typing import Any

import inlay_bridge


def __getattr__(name: str) -> Any:
    try:
        return inlay_bridge.bridge.names[name]
    except KeyError:
        raise AttributeError(name) from None
