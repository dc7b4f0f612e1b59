"""The profiles that Krita offers for a colour model, one of a file included."""

from inlay_bridge import given

from krita import Krita

before = Krita.instance().profiles(given["model"], "F32")
assert Krita.instance().addProfile(given["path"])
after = Krita.instance().profiles(given["model"], "F32")
result = [after, sorted(set(after) - set(before))]
