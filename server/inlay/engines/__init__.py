"""What paints: one interface, one folder or file per engine."""

from inlay.capabilities import Capabilities
from inlay.engines.interface import Answer, Engine, Painting, Progress, Scene

__all__ = ["Answer", "Capabilities", "Engine", "Painting", "Progress", "Scene"]
