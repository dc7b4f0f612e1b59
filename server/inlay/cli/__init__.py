"""The command line: what a retoucher, a script and an administrator type."""

from inlay.cli.app import main

__all__ = ["main"]
