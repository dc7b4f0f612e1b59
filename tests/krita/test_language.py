"""What the server refuses stands in the panel's language."""

from pathlib import Path

from krita.driver import Krita
from krita.photo import grainy, soft, write


def test_a_refusal_is_in_the_language_that_the_plugin_speaks(real_krita: Krita):
    result = real_krita.script("language/a_refusal_is_in_the_language_that_the_plugin_speaks")
    assert "es muss eine UUID sein" in result["de-DE"]
    assert "it must be a UUID" in result["en-GB"]


def test_the_mask_of_a_result_is_named_in_the_language_that_the_plugin_speaks(real_krita: Krita, tmp_path: Path):
    result = real_krita.script(
        "language/a_results_mask_is_named",
        pixels=write(grainy(300, 220, "RGBA", "U8"), tmp_path / "pixels"),
        mask=write(soft(300, 220, (150, 100), 30, 8), tmp_path / "mask"),
    )
    assert result["de-DE"] == ["Maske", "Variante 1 (Startwert 3)"]
    assert result["en-GB"] == ["Mask", "Variation 1 (seed 3)"]
