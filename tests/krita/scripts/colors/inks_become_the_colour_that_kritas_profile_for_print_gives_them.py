"""Inks become the colour that kritas profile for print gives them."""

from inlay_bridge import given, result
from inlay_bridge.inside import app

from inlay_krita.host import colors

inks = given["inks"]

result["read"] = colors.readable("cmyk({}, {}%, {}, {})".format(*inks))
result["profile"] = app.profiles("CMYKA", "U16")[0]
