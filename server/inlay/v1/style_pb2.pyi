from inlay.v1 import raster_pb2 as _raster_pb2
from inlay.v1 import recipe_pb2 as _recipe_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListStylesRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListStylesResponse(_message.Message):
    __slots__ = ("styles", "file")
    STYLES_FIELD_NUMBER: _ClassVar[int]
    FILE_FIELD_NUMBER: _ClassVar[int]
    styles: _containers.RepeatedCompositeFieldContainer[_recipe_pb2.Style]
    file: str
    def __init__(self, styles: _Optional[_Iterable[_Union[_recipe_pb2.Style, _Mapping]]] = ..., file: _Optional[str] = ...) -> None: ...

class SaveStyleRequest(_message.Message):
    __slots__ = ("style", "job_id", "replaces")
    STYLE_FIELD_NUMBER: _ClassVar[int]
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    REPLACES_FIELD_NUMBER: _ClassVar[int]
    style: _recipe_pb2.Style
    job_id: str
    replaces: str
    def __init__(self, style: _Optional[_Union[_recipe_pb2.Style, _Mapping]] = ..., job_id: _Optional[str] = ..., replaces: _Optional[str] = ...) -> None: ...

class SaveStyleResponse(_message.Message):
    __slots__ = ("style",)
    STYLE_FIELD_NUMBER: _ClassVar[int]
    style: _recipe_pb2.Style
    def __init__(self, style: _Optional[_Union[_recipe_pb2.Style, _Mapping]] = ...) -> None: ...

class CheckBrandRequest(_message.Message):
    __slots__ = ("source", "mask", "style", "colors", "locale")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    MASK_FIELD_NUMBER: _ClassVar[int]
    STYLE_FIELD_NUMBER: _ClassVar[int]
    COLORS_FIELD_NUMBER: _ClassVar[int]
    LOCALE_FIELD_NUMBER: _ClassVar[int]
    source: _raster_pb2.Raster
    mask: _raster_pb2.Raster
    style: str
    colors: _containers.RepeatedCompositeFieldContainer[_recipe_pb2.NamedColor]
    locale: str
    def __init__(self, source: _Optional[_Union[_raster_pb2.Raster, _Mapping]] = ..., mask: _Optional[_Union[_raster_pb2.Raster, _Mapping]] = ..., style: _Optional[str] = ..., colors: _Optional[_Iterable[_Union[_recipe_pb2.NamedColor, _Mapping]]] = ..., locale: _Optional[str] = ...) -> None: ...

class CheckBrandResponse(_message.Message):
    __slots__ = ("pixels", "share", "shares", "clusters", "lines")
    PIXELS_FIELD_NUMBER: _ClassVar[int]
    SHARE_FIELD_NUMBER: _ClassVar[int]
    SHARES_FIELD_NUMBER: _ClassVar[int]
    CLUSTERS_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    pixels: int
    share: float
    shares: _containers.RepeatedScalarFieldContainer[float]
    clusters: _containers.RepeatedCompositeFieldContainer[ColorCluster]
    lines: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, pixels: _Optional[int] = ..., share: _Optional[float] = ..., shares: _Optional[_Iterable[float]] = ..., clusters: _Optional[_Iterable[_Union[ColorCluster, _Mapping]]] = ..., lines: _Optional[_Iterable[str]] = ...) -> None: ...

class ColorCluster(_message.Message):
    __slots__ = ("share", "hex", "lab", "nearest", "delta_e")
    SHARE_FIELD_NUMBER: _ClassVar[int]
    HEX_FIELD_NUMBER: _ClassVar[int]
    LAB_FIELD_NUMBER: _ClassVar[int]
    NEAREST_FIELD_NUMBER: _ClassVar[int]
    DELTA_E_FIELD_NUMBER: _ClassVar[int]
    share: float
    hex: str
    lab: _containers.RepeatedScalarFieldContainer[float]
    nearest: str
    delta_e: float
    def __init__(self, share: _Optional[float] = ..., hex: _Optional[str] = ..., lab: _Optional[_Iterable[float]] = ..., nearest: _Optional[str] = ..., delta_e: _Optional[float] = ...) -> None: ...
