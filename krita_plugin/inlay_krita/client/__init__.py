"""Speaks Inlay's contract with a server: Connect over Qt's network stack. Knows nothing of Krita."""
