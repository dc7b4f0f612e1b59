"""What colours are measured with: the probe, CIELab and its inverse, and the colour difference."""

import numpy as np
import pytest

from inlay.fidelity.brand import parse_target, probe
from inlay.fidelity.cielab import encoded_of, lab_of, linear_of, linear_of_lab
from inlay.fidelity.difference import delta_e_2000


def test_a_probe_averages_light_not_codes():
    pixels = np.zeros((10, 10, 3), np.float32)
    pixels[:, 5:] = 1
    reading = probe(pixels, np.ones((10, 10), np.float32), parse_target("#bcbcbc"))
    assert reading.hex == "#bcbcbc"
    assert reading.mean_linear == pytest.approx((0.5, 0.5, 0.5))
    assert reading.spread_encoded == pytest.approx((0.5, 0.5, 0.5))
    assert reading.spread_lab[0] == pytest.approx(50)
    assert reading.delta_e < 0.2
    assert reading.pixels == 100


def test_a_probe_does_not_read_through_a_soft_edge():
    pixels = np.zeros((20, 20, 3), np.float32)
    pixels[4:16, 4:16] = np.array([0.8, 0.2, 0.1], np.float32)
    mask = np.zeros((20, 20), np.float32)
    mask[3:17, 3:17] = 0.5
    mask[4:16, 4:16] = 1
    reading = probe(pixels, mask)
    assert reading.mean_encoded == pytest.approx((0.8, 0.2, 0.1), abs=1e-5)
    assert reading.delta_e is None
    assert reading.pixels == 144


def test_the_curve_and_lab_have_exact_inverses_beyond_the_gamut():
    encoded = np.linspace(-3, 5, 4001, dtype=np.float32)
    assert encoded_of(linear_of(encoded)) == pytest.approx(encoded, abs=3e-6)
    linear = np.random.default_rng(1).uniform(-0.2, 2, (500, 3))
    assert linear_of_lab(lab_of(linear)) == pytest.approx(linear, abs=1e-9)


def test_color_difference_agrees_with_the_published_test_data():
    # Sharma, Wu, Dalal (2005), table 1: the pairs that wrong implementations fail, rounded to four digits.
    table = """
    50 2.6772 -79.7751  50 0 -82.7485  2.0425 | 50 3.1571 -77.2803  50 0 -82.7485  2.8615 | 50 2.8361 -74.02  50 0 -82.7485  3.4412
    50 -1.3802 -84.2814  50 0 -82.7485  1 | 50 -1.1848 -84.8006  50 0 -82.7485  1 | 50 -0.9009 -85.5211  50 0 -82.7485  1
    50 0 0  50 -1 2  2.3669 | 50 -1 2  50 0 0  2.3669 | 50 2.49 -0.001  50 -2.49 0.0009  7.1792
    50 2.49 -0.001  50 -2.49 0.0011  7.2195
    50 -0.001 2.49  50 0.0009 -2.49  4.8045 | 50 -0.001 2.49  50 0.0011 -2.49  4.7461 | 50 2.5 0  50 0 -2.5  4.3065
    50 2.5 0  73 25 -18  27.1492 | 50 2.5 0  61 -5 29  22.8977 | 50 2.5 0  56 -27 -3  31.903 | 50 2.5 0  58 24 15  19.4535
    50 2.5 0  50 3.1736 0.5854  1 | 50 2.5 0  50 3.2972 0  1 | 50 2.5 0  50 1.8634 0.5757  1 | 50 2.5 0  50 3.2592 0.335  1
    60.2574 -34.0099 36.2677  60.4626 -34.1751 39.4387  1.2644 | 63.0109 -31.0961 -5.8663  62.8187 -29.7946 -4.0864  1.263
    61.2901 3.7196 -5.3901  61.4292 2.248 -4.962  1.8731 | 35.0831 -44.1164 3.7933  35.0232 -40.0716 1.5901  1.8645
    22.7233 20.0904 -46.694  23.0331 14.973 -42.5619  2.0373 | 36.4612 47.858 18.3852  36.2715 50.5065 21.2231  1.4146
    90.8027 -2.0831 1.441  91.1528 -1.6435 0.0447  1.4441 | 90.9257 -0.5406 -0.9208  88.6381 -0.8985 -0.7239  1.5381
    6.7747 -0.2908 -2.4247  5.8714 -0.0985 -2.2286  0.6377 | 2.0776 0.0795 -1.135  0.9033 -0.0636 -0.5514  0.9082
    """
    rows = np.array([entry.split() for line in table.strip().splitlines() for entry in line.split("|")], float)
    assert len(rows) == 31
    assert delta_e_2000(rows[:, :3], rows[:, 3:6]) == pytest.approx(rows[:, 6], abs=1e-4)
