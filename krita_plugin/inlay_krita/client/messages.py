"""What travels inside this plugin (see build_zip.py): the contract's messages with protobuf, a look at a lock, pairing."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the copy is made when the plugin is built
    from inlay import introduction, nearby
    from inlay.lock import is_held
    from inlay.v1 import (
        history_pb2,
        inlay_pb2,
        job_pb2,
        memory_pb2,
        production_pb2,
        raster_pb2,
        recipe_pb2,
        review_pb2,
        setup_pb2,
        style_pb2,
        verbs_pb2,
    )
else:
    from ..vendor.inlay import introduction, nearby
    from ..vendor.inlay.lock import is_held
    from ..vendor.inlay.v1 import (
        history_pb2,
        inlay_pb2,
        job_pb2,
        memory_pb2,
        production_pb2,
        raster_pb2,
        recipe_pb2,
        review_pb2,
        setup_pb2,
        style_pb2,
        verbs_pb2,
    )

__all__ = [
    "call_of",
    "history_pb2",
    "inlay_pb2",
    "introduction",
    "is_held",
    "job_pb2",
    "memory_pb2",
    "nearby",
    "production_pb2",
    "raster_pb2",
    "recipe_pb2",
    "review_pb2",
    "setup_pb2",
    "style_pb2",
    "verbs_pb2",
]


def call_of(request) -> "tuple[str, type]":
    """The method that a request is for, with its service, and the type of its answer: both are in its name."""
    method = request.DESCRIPTOR.name.removesuffix("Request")
    modules = (history_pb2, inlay_pb2, memory_pb2, production_pb2, review_pb2, setup_pb2, style_pb2, verbs_pb2)
    found = next(one for one in modules if hasattr(one, f"{method}Response"))
    service = "ReviewService" if found is review_pb2 else "InlayService"
    return f"inlay.v1.{service}/{method}", getattr(found, f"{method}Response")
