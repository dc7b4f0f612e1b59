"""Node is among the development packages: tests find it beside this Python, however they were started."""

import os
import sysconfig

os.environ["PATH"] = os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])
