"""Styles: named bundles of words, references, LoRAs, colours and type that a studio shares, in one file that people edit too."""

from inlay.styles.book import STYLES_FILE, StyleBook

__all__ = ["STYLES_FILE", "StyleBook"]
