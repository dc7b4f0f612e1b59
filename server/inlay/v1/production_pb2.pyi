from inlay.v1 import raster_pb2 as _raster_pb2
from inlay.v1 import recipe_pb2 as _recipe_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CarryMaskRequest(_message.Message):
    __slots__ = ("master", "master_size", "region", "mask", "sibling", "sibling_size", "locale")
    MASTER_FIELD_NUMBER: _ClassVar[int]
    MASTER_SIZE_FIELD_NUMBER: _ClassVar[int]
    REGION_FIELD_NUMBER: _ClassVar[int]
    MASK_FIELD_NUMBER: _ClassVar[int]
    SIBLING_FIELD_NUMBER: _ClassVar[int]
    SIBLING_SIZE_FIELD_NUMBER: _ClassVar[int]
    LOCALE_FIELD_NUMBER: _ClassVar[int]
    master: _raster_pb2.Raster
    master_size: _raster_pb2.Size
    region: _raster_pb2.Rect
    mask: _raster_pb2.Raster
    sibling: _raster_pb2.Raster
    sibling_size: _raster_pb2.Size
    locale: str
    def __init__(self, master: _Optional[_Union[_raster_pb2.Raster, _Mapping]] = ..., master_size: _Optional[_Union[_raster_pb2.Size, _Mapping]] = ..., region: _Optional[_Union[_raster_pb2.Rect, _Mapping]] = ..., mask: _Optional[_Union[_raster_pb2.Raster, _Mapping]] = ..., sibling: _Optional[_Union[_raster_pb2.Raster, _Mapping]] = ..., sibling_size: _Optional[_Union[_raster_pb2.Size, _Mapping]] = ..., locale: _Optional[str] = ...) -> None: ...

class CarryMaskResponse(_message.Message):
    __slots__ = ("found", "is_sure", "alike", "sentence")
    FOUND_FIELD_NUMBER: _ClassVar[int]
    IS_SURE_FIELD_NUMBER: _ClassVar[int]
    ALIKE_FIELD_NUMBER: _ClassVar[int]
    SENTENCE_FIELD_NUMBER: _ClassVar[int]
    found: _recipe_pb2.Selection
    is_sure: bool
    alike: float
    sentence: str
    def __init__(self, found: _Optional[_Union[_recipe_pb2.Selection, _Mapping]] = ..., is_sure: _Optional[bool] = ..., alike: _Optional[float] = ..., sentence: _Optional[str] = ...) -> None: ...

class FrameFormatsRequest(_message.Message):
    __slots__ = ("document", "focus", "formats", "locale")
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    FOCUS_FIELD_NUMBER: _ClassVar[int]
    FORMATS_FIELD_NUMBER: _ClassVar[int]
    LOCALE_FIELD_NUMBER: _ClassVar[int]
    document: _raster_pb2.Size
    focus: _raster_pb2.Rect
    formats: _containers.RepeatedScalarFieldContainer[str]
    locale: str
    def __init__(self, document: _Optional[_Union[_raster_pb2.Size, _Mapping]] = ..., focus: _Optional[_Union[_raster_pb2.Rect, _Mapping]] = ..., formats: _Optional[_Iterable[str]] = ..., locale: _Optional[str] = ...) -> None: ...

class FrameFormatsResponse(_message.Message):
    __slots__ = ("formats",)
    FORMATS_FIELD_NUMBER: _ClassVar[int]
    formats: _containers.RepeatedCompositeFieldContainer[FramedFormat]
    def __init__(self, formats: _Optional[_Iterable[_Union[FramedFormat, _Mapping]]] = ...) -> None: ...

class FramedFormat(_message.Message):
    __slots__ = ("name", "title", "crop", "safe", "flags")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    CROP_FIELD_NUMBER: _ClassVar[int]
    SAFE_FIELD_NUMBER: _ClassVar[int]
    FLAGS_FIELD_NUMBER: _ClassVar[int]
    name: str
    title: str
    crop: _raster_pb2.Rect
    safe: _raster_pb2.Rect
    flags: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., title: _Optional[str] = ..., crop: _Optional[_Union[_raster_pb2.Rect, _Mapping]] = ..., safe: _Optional[_Union[_raster_pb2.Rect, _Mapping]] = ..., flags: _Optional[_Iterable[str]] = ...) -> None: ...
