"""The colour a recipe asks for: in sRGB, in Lab, or as a swatch in the document's own values."""

import re

import numpy as np

from inlay import color
from inlay.color.raster import Raster, SampleType
from inlay.errors import InvalidInput
from inlay.fidelity.brand import Target, parse_target
from inlay.fidelity.cielab import lab_of, linear_of

_NUMBER = r"\s*([+-]?(?:\d+(?:\.\d*)?|\.\d+))\s*"
_SWATCH = re.compile(rf"document\s*\({_NUMBER},{_NUMBER},{_NUMBER}\)", re.IGNORECASE)
_LARGEST = 64.0


def target_of(text: str, document: Raster, field: str = "target_color") -> Target:
    """The target that `text` spells: `#RRGGBB`, `lab(L, a, b)`, or `document(r, g, b)` in shares of `document`'s white level.

    Raises InvalidInput naming `field`; UnknownProfile, Unsupported where the document's profile cannot be read.
    """
    found = _SWATCH.fullmatch(text.strip())
    if found is None:
        return parse_target(text, field)
    values = np.array([float(number) for number in found.groups()], np.float32)
    if np.abs(values).max() > _LARGEST:
        raise InvalidInput(field, repr(text), f"each value must be -{_LARGEST:g} .. {_LARGEST:g}, 1 being white")
    if "BGR" not in document.order and "RGB" not in document.order:
        raise InvalidInput(field, repr(text), f"a document swatch needs an RGB document, this one is {document.order}")
    one = Raster(1, 1, "RGB", SampleType.F32, 1.0, document.profile, "", document.icc)
    linear = linear_of(color.decode(values.reshape(1, 1, 3), one).pixels[0, 0]).astype(np.float64)
    lab = lab_of(linear)
    return Target(
        text.strip(),
        (float(linear[0]), float(linear[1]), float(linear[2])),
        (float(lab[0]), float(lab[1]), float(lab[2])),
    )
