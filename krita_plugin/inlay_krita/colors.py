"""The ways in which a retoucher may write a colour, brought to the one that the contract knows."""

import re

ACCEPTED = "#1F7A4E with or without its #, rgb(31, 122, 78), or lab(45, -35, 18)"

_HEX = re.compile(r"#?([0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)
_RGB = re.compile(r"(?:rgb)?\s*\(?\s*(\d{1,3})\s*[, ]\s*(\d{1,3})\s*[, ]\s*(\d{1,3})\s*\)?", re.IGNORECASE)
_OTHER = re.compile(r"(lab|document)\s*\(.*\)", re.IGNORECASE)


def spelled(text: str) -> str:
    """A colour as `#RRGGBB`; `lab(...)` and `document(...)` as they are. Empty where `text` is no colour."""
    text = text.strip()
    if found := _HEX.fullmatch(text):
        digits = found[1].upper()
        return "#" + (digits if len(digits) == 6 else "".join(2 * digit for digit in digits))
    if found := _RGB.fullmatch(text):
        codes = [int(code) for code in found.groups()]
        return "#" + "".join(f"{code:02X}" for code in codes) if max(codes) <= 255 else ""
    return text if _OTHER.fullmatch(text) else ""
