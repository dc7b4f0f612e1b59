"""Target colours as people write them."""

import pytest

from inlay.errors import InvalidInput
from inlay.fidelity.brand import parse_target


def test_targets_are_read_as_the_recipe_documents_them():
    # Photoshop's colour picker shows these under D50.
    assert parse_target("#FF0000").lab == pytest.approx((54.29, 80.81, 69.89), abs=0.02)
    assert parse_target(" #0000ff ").lab == pytest.approx((29.57, 68.30, -112.03), abs=0.02)
    assert parse_target("lab(54.29, 80.81, 69.89)").linear == pytest.approx((1, 0, 0), abs=0.002)
    assert parse_target("LAB( 100 , 0,-0.0)").linear == pytest.approx((1, 1, 1), abs=1e-4)


@pytest.mark.parametrize("text", ["1f7a4e", "rgb(31, 122, 78)", "RGB( 31 122 78 )"])
def test_a_color_may_be_written_as_people_write_it(text):
    assert parse_target(text).linear == parse_target("#1F7A4E").linear
    assert parse_target("f0c").linear == parse_target("#FF00CC").linear


@pytest.mark.parametrize(
    "text",
    [
        "",
        "red",
        "#12345",
        "#1234567",
        "#GG0000",
        "rgb(256, 0, 0)",
        "rgb(1, 2)",
        "1, 2, 3",
        "lab(50, 0)",
        "lab(101, 0, 0)",
        "lab(50, 0, 129)",
        "lab(nan, 0, 0)",
        "lab(1e9, 0, 0)",
    ],
)
def test_an_unreadable_target_names_the_field_and_the_limit(text):
    with pytest.raises(InvalidInput, match="#RRGGBB") as refused:
        parse_target(text, field="recipe.target_color")
    assert refused.value.field == "recipe.target_color"
