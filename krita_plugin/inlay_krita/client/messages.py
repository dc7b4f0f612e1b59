"""The contract's messages, from the copy of protobuf that travels inside this plugin (see build_zip.py)."""

from ..vendor.inlay.v1 import inlay_pb2, job_pb2, memory_pb2, raster_pb2, recipe_pb2, verbs_pb2

__all__ = ["inlay_pb2", "job_pb2", "memory_pb2", "raster_pb2", "recipe_pb2", "verbs_pb2"]

ORDERS = {
    "Y": raster_pb2.CHANNEL_ORDER_Y,
    "YA": raster_pb2.CHANNEL_ORDER_YA,
    "RGBA": raster_pb2.CHANNEL_ORDER_RGBA,
    "BGRA": raster_pb2.CHANNEL_ORDER_BGRA,
    "LABA": raster_pb2.CHANNEL_ORDER_LABA,
}

SAMPLE_TYPES = {
    "U8": raster_pb2.SAMPLE_TYPE_U8,
    "U16": raster_pb2.SAMPLE_TYPE_U16,
    "F16": raster_pb2.SAMPLE_TYPE_F16,
    "F32": raster_pb2.SAMPLE_TYPE_F32,
}
"""By Krita's names of colour depths."""
