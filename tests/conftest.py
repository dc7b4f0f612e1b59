"""What holds for all tests: Node is found beside this Python, however they were started, and no case has a deadline."""

import os
import sysconfig

from hypothesis import settings

os.environ["PATH"] = os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])

settings.register_profile("inlay", deadline=None)  # How long a case takes says how busy the machine is.
settings.load_profile("inlay")
