"""Where one picture is in another, by features that both share. Lowe, "Distinctive image features", IJCV 2004."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from inlay.fidelity.raster import F32, Flags


def place_by_features(o: F32, a: F32, protected: Flags) -> Any:
    """3x3 from a luma, HxW, to another, hxw, by features where `protected`; None where too few agree."""
    sift: Any = cv2.SIFT_create(1500, contrastThreshold=0.01)  # pyright: ignore[reportAttributeAccessIssue]
    first = sift.detectAndCompute(_gray(o), protected.astype(np.uint8))
    second = sift.detectAndCompute(_gray(a), None)
    if first[1] is None or second[1] is None or len(first[1]) < 6 or len(second[1]) < 6:
        return None
    pairs: Any = cv2.BFMatcher(cv2.NORM_L2).knnMatch(first[1], second[1], k=2)
    good = [pair[0] for pair in pairs if len(pair) == 2 and pair[0].distance < 0.8 * pair[1].distance]
    if len(good) < 6:
        return None
    there = np.array([first[0][match.queryIdx].pt for match in good], np.float32)
    here = np.array([second[0][match.trainIdx].pt for match in good], np.float32)
    cv2.setRNGSeed(1)  # the same answer is placed the same way every time
    matrix, inliers = _robust(there, here)
    if int(np.sum(inliers)) < 6 or not np.isfinite(matrix).all():
        return None
    return np.vstack([matrix, [0, 0, 1.0]])


def _robust(there: F32, here: F32) -> tuple[Any, Any]:
    """The affine map that most pairs agree on, and which do; all zero where there is none."""
    found: tuple[Any, Any] = cv2.estimateAffine2D(there, here, method=cv2.RANSAC, ransacReprojThreshold=2.0)
    return (np.zeros((2, 3)), np.zeros(1)) if found[0] is None else found


def _gray(y: F32) -> Any:
    return (np.clip(y, 0, 1) * 255 + 0.5).astype(np.uint8)
