"""What paints: one interface, one folder or file per engine."""

from inlay.engines.interface import Capabilities, Engine, Painting, Progress, Scene

__all__ = ["Capabilities", "Engine", "Painting", "Progress", "Scene"]
