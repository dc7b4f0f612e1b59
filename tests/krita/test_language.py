"""What the server refuses stands in the panel's language."""

from krita.driver import Krita


def test_a_refusal_is_in_the_language_that_the_plugin_speaks(real_krita: Krita):
    result = real_krita.script("language/a_refusal_is_in_the_language_that_the_plugin_speaks")
    assert "es muss eine UUID sein" in result["de-DE"]
    assert "it must be a UUID" in result["en-GB"]
