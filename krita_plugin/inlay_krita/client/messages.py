"""The contract's messages, from the copy of protobuf that travels inside this plugin (see build_zip.py)."""

from ..vendor.inlay.v1 import inlay_pb2, job_pb2, memory_pb2, raster_pb2, recipe_pb2, verbs_pb2

__all__ = ["inlay_pb2", "job_pb2", "memory_pb2", "raster_pb2", "recipe_pb2", "verbs_pb2"]
