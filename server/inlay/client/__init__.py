"""The Python client: what the command line and scripts use."""

from inlay.client.client import Client

__all__ = ["Client"]
