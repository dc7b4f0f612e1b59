"""Krita's "Isolate Active Layer": the whole picture is edited all the same, and it is said what hides the result."""

from krita.driver import Krita


def test_an_edit_of_a_picture_with_an_isolated_layer_is_the_edit_of_the_whole_picture(real_krita: Krita):
    result = real_krita.script("isolated_layer")
    assert bytes.fromhex(result["isolated"]) == bytes.fromhex(result["whole"])
    assert bytes.fromhex(result["whole"])[4 * (48 * 160 + 64) :][:3] == bytes([90, 180, 60]), "the speck is gone"
    assert ["isolated" in said for said in result["said"]] == [False, True]
    assert not result["left isolated"], "the tests after this one share its Krita"
