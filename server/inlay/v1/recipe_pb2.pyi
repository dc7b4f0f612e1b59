from inlay.v1 import raster_pb2 as _raster_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Verb(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    VERB_UNSPECIFIED: _ClassVar[Verb]
    VERB_GENERATE: _ClassVar[Verb]
    VERB_FILL: _ClassVar[Verb]
    VERB_ERASE: _ClassVar[Verb]
    VERB_REPLACE_BACKGROUND: _ClassVar[Verb]
    VERB_EXPAND: _ClassVar[Verb]
    VERB_REFINE: _ClassVar[Verb]
    VERB_INSTRUCT: _ClassVar[Verb]
    VERB_RECOLOR: _ClassVar[Verb]
    VERB_UPSCALE: _ClassVar[Verb]
    VERB_SEPARATE: _ClassVar[Verb]

class Tier(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TIER_UNSPECIFIED: _ClassVar[Tier]
    TIER_DRAFT: _ClassVar[Tier]
    TIER_STANDARD: _ClassVar[Tier]
    TIER_FINAL: _ClassVar[Tier]
VERB_UNSPECIFIED: Verb
VERB_GENERATE: Verb
VERB_FILL: Verb
VERB_ERASE: Verb
VERB_REPLACE_BACKGROUND: Verb
VERB_EXPAND: Verb
VERB_REFINE: Verb
VERB_INSTRUCT: Verb
VERB_RECOLOR: Verb
VERB_UPSCALE: Verb
VERB_SEPARATE: Verb
TIER_UNSPECIFIED: Tier
TIER_DRAFT: Tier
TIER_STANDARD: Tier
TIER_FINAL: Tier

class Recipe(_message.Message):
    __slots__ = ("verb", "document", "window", "source", "region", "mask", "prompt", "negative_prompt", "seed", "count", "tier", "model", "strength", "target_color", "grow_px", "feather_px", "structure")
    VERB_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    WINDOW_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    REGION_FIELD_NUMBER: _ClassVar[int]
    MASK_FIELD_NUMBER: _ClassVar[int]
    PROMPT_FIELD_NUMBER: _ClassVar[int]
    NEGATIVE_PROMPT_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    TIER_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    STRENGTH_FIELD_NUMBER: _ClassVar[int]
    TARGET_COLOR_FIELD_NUMBER: _ClassVar[int]
    GROW_PX_FIELD_NUMBER: _ClassVar[int]
    FEATHER_PX_FIELD_NUMBER: _ClassVar[int]
    STRUCTURE_FIELD_NUMBER: _ClassVar[int]
    verb: Verb
    document: _raster_pb2.Size
    window: _raster_pb2.Rect
    source: _raster_pb2.Raster
    region: _raster_pb2.Rect
    mask: _raster_pb2.Raster
    prompt: str
    negative_prompt: str
    seed: int
    count: int
    tier: Tier
    model: str
    strength: float
    target_color: str
    grow_px: int
    feather_px: int
    structure: _raster_pb2.Raster
    def __init__(self, verb: _Optional[_Union[Verb, str]] = ..., document: _Optional[_Union[_raster_pb2.Size, _Mapping]] = ..., window: _Optional[_Union[_raster_pb2.Rect, _Mapping]] = ..., source: _Optional[_Union[_raster_pb2.Raster, _Mapping]] = ..., region: _Optional[_Union[_raster_pb2.Rect, _Mapping]] = ..., mask: _Optional[_Union[_raster_pb2.Raster, _Mapping]] = ..., prompt: _Optional[str] = ..., negative_prompt: _Optional[str] = ..., seed: _Optional[int] = ..., count: _Optional[int] = ..., tier: _Optional[_Union[Tier, str]] = ..., model: _Optional[str] = ..., strength: _Optional[float] = ..., target_color: _Optional[str] = ..., grow_px: _Optional[int] = ..., feather_px: _Optional[int] = ..., structure: _Optional[_Union[_raster_pb2.Raster, _Mapping]] = ...) -> None: ...

class FidelityReport(_message.Message):
    __slots__ = ("ring_delta_e_before", "ring_delta_e_after", "notes", "details_json")
    RING_DELTA_E_BEFORE_FIELD_NUMBER: _ClassVar[int]
    RING_DELTA_E_AFTER_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    DETAILS_JSON_FIELD_NUMBER: _ClassVar[int]
    ring_delta_e_before: float
    ring_delta_e_after: float
    notes: _containers.RepeatedScalarFieldContainer[str]
    details_json: str
    def __init__(self, ring_delta_e_before: _Optional[float] = ..., ring_delta_e_after: _Optional[float] = ..., notes: _Optional[_Iterable[str]] = ..., details_json: _Optional[str] = ...) -> None: ...

class Patch(_message.Message):
    __slots__ = ("bounds", "pixels", "mask")
    BOUNDS_FIELD_NUMBER: _ClassVar[int]
    PIXELS_FIELD_NUMBER: _ClassVar[int]
    MASK_FIELD_NUMBER: _ClassVar[int]
    bounds: _raster_pb2.Rect
    pixels: _raster_pb2.Raster
    mask: _raster_pb2.Raster
    def __init__(self, bounds: _Optional[_Union[_raster_pb2.Rect, _Mapping]] = ..., pixels: _Optional[_Union[_raster_pb2.Raster, _Mapping]] = ..., mask: _Optional[_Union[_raster_pb2.Raster, _Mapping]] = ...) -> None: ...

class Variation(_message.Message):
    __slots__ = ("index", "seed", "patch", "report", "receipt_json")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    PATCH_FIELD_NUMBER: _ClassVar[int]
    REPORT_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_JSON_FIELD_NUMBER: _ClassVar[int]
    index: int
    seed: int
    patch: Patch
    report: FidelityReport
    receipt_json: str
    def __init__(self, index: _Optional[int] = ..., seed: _Optional[int] = ..., patch: _Optional[_Union[Patch, _Mapping]] = ..., report: _Optional[_Union[FidelityReport, _Mapping]] = ..., receipt_json: _Optional[str] = ...) -> None: ...
