"""Values above white under a mask are told."""

import struct

from inlay_bridge import result
from inlay_bridge.scene import picture, told
from PyQt5.QtCore import QByteArray

bright = QByteArray(struct.pack("<4f", 3.0, 2.0, 0.5, 1.0) * (160 * 120))
made = picture("F32", bright)
result["bright"] = told(verb="erase")
made = picture("F32", QByteArray(struct.pack("<4f", 0.5, 0.4, 0.3, 1.0) * (160 * 120)))
result["plain"] = told(verb="erase")
