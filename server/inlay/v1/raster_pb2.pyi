from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SampleType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SAMPLE_TYPE_UNSPECIFIED: _ClassVar[SampleType]
    SAMPLE_TYPE_U8: _ClassVar[SampleType]
    SAMPLE_TYPE_U16: _ClassVar[SampleType]
    SAMPLE_TYPE_F16: _ClassVar[SampleType]
    SAMPLE_TYPE_F32: _ClassVar[SampleType]

class ChannelOrder(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CHANNEL_ORDER_UNSPECIFIED: _ClassVar[ChannelOrder]
    CHANNEL_ORDER_Y: _ClassVar[ChannelOrder]
    CHANNEL_ORDER_YA: _ClassVar[ChannelOrder]
    CHANNEL_ORDER_RGB: _ClassVar[ChannelOrder]
    CHANNEL_ORDER_RGBA: _ClassVar[ChannelOrder]
    CHANNEL_ORDER_BGR: _ClassVar[ChannelOrder]
    CHANNEL_ORDER_BGRA: _ClassVar[ChannelOrder]
    CHANNEL_ORDER_LAB: _ClassVar[ChannelOrder]
    CHANNEL_ORDER_LABA: _ClassVar[ChannelOrder]
SAMPLE_TYPE_UNSPECIFIED: SampleType
SAMPLE_TYPE_U8: SampleType
SAMPLE_TYPE_U16: SampleType
SAMPLE_TYPE_F16: SampleType
SAMPLE_TYPE_F32: SampleType
CHANNEL_ORDER_UNSPECIFIED: ChannelOrder
CHANNEL_ORDER_Y: ChannelOrder
CHANNEL_ORDER_YA: ChannelOrder
CHANNEL_ORDER_RGB: ChannelOrder
CHANNEL_ORDER_RGBA: ChannelOrder
CHANNEL_ORDER_BGR: ChannelOrder
CHANNEL_ORDER_BGRA: ChannelOrder
CHANNEL_ORDER_LAB: ChannelOrder
CHANNEL_ORDER_LABA: ChannelOrder

class Rect(_message.Message):
    __slots__ = ("x", "y", "width", "height")
    X_FIELD_NUMBER: _ClassVar[int]
    Y_FIELD_NUMBER: _ClassVar[int]
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_FIELD_NUMBER: _ClassVar[int]
    x: int
    y: int
    width: int
    height: int
    def __init__(self, x: _Optional[int] = ..., y: _Optional[int] = ..., width: _Optional[int] = ..., height: _Optional[int] = ...) -> None: ...

class Size(_message.Message):
    __slots__ = ("width", "height")
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_FIELD_NUMBER: _ClassVar[int]
    width: int
    height: int
    def __init__(self, width: _Optional[int] = ..., height: _Optional[int] = ...) -> None: ...

class Raster(_message.Message):
    __slots__ = ("width", "height", "order", "sample_type", "white_level", "profile", "icc", "blob")
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_FIELD_NUMBER: _ClassVar[int]
    ORDER_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_TYPE_FIELD_NUMBER: _ClassVar[int]
    WHITE_LEVEL_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    ICC_FIELD_NUMBER: _ClassVar[int]
    BLOB_FIELD_NUMBER: _ClassVar[int]
    width: int
    height: int
    order: ChannelOrder
    sample_type: SampleType
    white_level: float
    profile: str
    icc: bytes
    blob: str
    def __init__(self, width: _Optional[int] = ..., height: _Optional[int] = ..., order: _Optional[_Union[ChannelOrder, str]] = ..., sample_type: _Optional[_Union[SampleType, str]] = ..., white_level: _Optional[float] = ..., profile: _Optional[str] = ..., icc: _Optional[bytes] = ..., blob: _Optional[str] = ...) -> None: ...
