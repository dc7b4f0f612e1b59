from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class DescribeSetupRequest(_message.Message):
    __slots__ = ("locale",)
    LOCALE_FIELD_NUMBER: _ClassVar[int]
    locale: str
    def __init__(self, locale: _Optional[str] = ...) -> None: ...

class DescribeSetupResponse(_message.Message):
    __slots__ = ("sections",)
    SECTIONS_FIELD_NUMBER: _ClassVar[int]
    sections: _containers.RepeatedCompositeFieldContainer[SetupSection]
    def __init__(self, sections: _Optional[_Iterable[_Union[SetupSection, _Mapping]]] = ...) -> None: ...

class SetupSection(_message.Message):
    __slots__ = ("title", "lines")
    TITLE_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    title: str
    lines: _containers.RepeatedCompositeFieldContainer[SetupLine]
    def __init__(self, title: _Optional[str] = ..., lines: _Optional[_Iterable[_Union[SetupLine, _Mapping]]] = ...) -> None: ...

class SetupLine(_message.Message):
    __slots__ = ("text", "command")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    COMMAND_FIELD_NUMBER: _ClassVar[int]
    text: str
    command: str
    def __init__(self, text: _Optional[str] = ..., command: _Optional[str] = ...) -> None: ...
