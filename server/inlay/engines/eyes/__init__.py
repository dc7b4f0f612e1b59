"""Small trained networks that find and read: pure functions of pixels, run by OpenCV's dnn.

`Eyes` says which of them are here. Each module has one network; its class takes the folder it lies in.
"""

from inlay.engines.eyes.here import Eyes

__all__ = ["Eyes"]
