"""The plain ways to carry a mask, which the benchmark compares ours with."""

import cv2
import numpy as np


def copied(master, mask, sibling):
    """The mask as it is, at the sibling's size."""
    return cv2.resize(mask, sibling.shape[1::-1], interpolation=cv2.INTER_LINEAR), 1.0


def scene_homography(master, mask, sibling):
    """The obvious way: all matched points of both pictures, one plane; believed where many agree."""
    sift = cv2.SIFT_create(4000)
    (mine, told), (theirs, heard) = (
        sift.detectAndCompute(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), None) for picture in (master, sibling)
    )
    pairs = cv2.BFMatcher().knnMatch(told, heard, k=2)
    good = [first for first, second in pairs if first.distance < 0.75 * second.distance]
    if len(good) < 8:
        return None, 0.0
    here, there = (
        np.float32([mine[pair.queryIdx].pt for pair in good]),
        np.float32([theirs[pair.trainIdx].pt for pair in good]),
    )
    matrix, agree = cv2.findHomography(here, there, cv2.RANSAC, 3.0)
    if matrix is None:
        return None, 0.0
    carried = cv2.warpPerspective(mask, matrix, sibling.shape[1::-1], flags=cv2.INTER_LINEAR)
    return carried, min(1.0, float(agree.sum()) / 30)
