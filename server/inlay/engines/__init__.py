"""What paints: one interface, one folder or file per engine."""

from inlay.capabilities import Capabilities
from inlay.engines.interface import Engine, Painting, Progress, Scene

__all__ = ["Capabilities", "Engine", "Painting", "Progress", "Scene"]
