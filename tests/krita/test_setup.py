"""The setup page in Krita: what the server's machine has to paint with, and what to type."""

from pathlib import Path

from krita.driver import Krita, Screen


def test_a_newcomer_reads_what_to_do_and_copies_what_to_type(real_krita: Krita, screen: Screen, screenshots: Path):
    real_krita.script("setup/open")
    real_krita.until("settings.setup.commands")
    screen.screenshot(screenshots / "settings-with-setup.png")
    seen = real_krita.script("setup/a_newcomer_reads_what_to_do_and_copies_what_to_type")
    assert seen["said"].startswith("This machine")
    assert "Without a card no model paints in minutes" in seen["said"]
    assert "inlay demo  Copy" in seen["said"].replace("\xa0", " ")
    assert seen["copied"] == "inlay models scan FOLDER"
