"""Inlay in Krita: re-imagine the selected region; everything outside the selection stays bit-identical."""

from .host import docker, extension

docker.register()
extension.register()
