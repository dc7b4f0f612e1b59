"""Lettering in a picture: found and read, taken away, and set anew as type that stays editable."""
