"""A reviewer's link begins with the address at which the studio knows the server, and its code says the link and nothing else."""

import cv2
import numpy as np
import pytest

from inlay.errors import InvalidInput
from inlay.rpc.review_links import check_address, code_of, link_at

TOLD = "https://192.168.1.5:50052/review/#t=abc"
HERE = "http://127.0.0.1:50052/review/#t=abc"


@pytest.mark.parametrize(
    ("address", "told", "link"),
    [
        ("https://gpu.studio.lan:50052", TOLD, "https://gpu.studio.lan:50052/review/#t=abc"),
        ("https://studio.example/inlay/", TOLD, "https://studio.example/inlay/review/#t=abc"),
        ("http://127.0.0.1:50052", TOLD, TOLD),
        ("http://localhost:7000", HERE, "http://localhost:7000/review/#t=abc"),
        ("", TOLD, TOLD),
    ],
)
def test_a_link_carries_the_address_that_the_panel_knows_unless_only_its_own_machine_can_open_that(
    address: str, told: str, link: str
) -> None:
    check_address(address)
    assert link_at(address, told) == link


@pytest.mark.parametrize(
    "address",
    [
        "gpu:50052",
        "javascript:alert(1)",
        "ftp://gpu",
        "https://",
        "https://gpu/#t=x",
        "https://gpu/?a",
        "https://gpu /",
        "http://[gpu",
        "http://gpu\n.example",
        f"https://{'g' * 300}",
    ],
)
def test_what_is_no_address_is_refused_by_its_field(address: str) -> None:
    with pytest.raises(InvalidInput, match="http://HOST:PORT") as error:
        check_address(address)
    assert error.value.field == "address"
    assert len(str(error.value)) < 300


def test_a_code_is_read_by_a_camera_and_fits_into_the_narrowest_panel() -> None:
    link = f"https://workstation-7.retouching.studio.lan:50052/review/#t=review.{'Ab3_' * 11}"
    picture = cv2.imdecode(np.frombuffer(code_of(link), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    assert max(picture.shape) <= 206, "the panel's width, less its margins"
    assert (picture[:9] == 255).all(), "its quiet zone"
    assert cv2.QRCodeDetector().detectAndDecode(cv2.resize(picture, None, fx=2, fy=2))[0] == link
