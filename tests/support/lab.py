"""CIELab under D50 and a brand's share, as scikit-image has them: nothing of the product's."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from skimage import color as skimage_color


def lab_d50(codes: NDArray[np.generic]) -> NDArray[np.float64]:
    """scikit-image's XYZ of sRGB (D65), brought to D50 by Bradford, as Lab under D50. codes: ... x 3, sRGB."""
    bradford = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
    white = {name: skimage_color.xyz_tristimulus_values(illuminant=name, observer="2") for name in ("D65", "D50")}
    gains = np.diag((bradford @ white["D50"]) / (bradford @ white["D65"]))
    xyz = skimage_color.rgb2xyz(codes) @ (np.linalg.inv(bradford) @ gains @ bradford).T
    return skimage_color.xyz2lab(xyz, illuminant="D50")


def share_within(codes: NDArray[np.generic], targets: Sequence[NDArray[np.float64]]) -> tuple[float, list[float]]:
    """How much of a picture is within CIEDE2000 2 of any of the targets (Lab, D50), and is nearest to each and within; 0 .. 1."""
    lab = lab_d50(codes)
    distance = np.stack(
        [skimage_color.deltaE_ciede2000(lab, np.broadcast_to(target, lab.shape)) for target in targets], -1
    )
    nearest, within = distance.argmin(-1), distance.min(-1) <= 2
    return float(within.mean()), [float((within & (nearest == at)).mean()) for at in range(len(targets))]
