from inlay.v1 import value_pb2 as _value_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Needs(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    NEEDS_UNSPECIFIED: _ClassVar[Needs]
    NEEDS_SELECTION: _ClassVar[Needs]
    NEEDS_LAYER: _ClassVar[Needs]
    NEEDS_NOTHING: _ClassVar[Needs]

class FieldKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FIELD_KIND_UNSPECIFIED: _ClassVar[FieldKind]
    FIELD_KIND_TEXT: _ClassVar[FieldKind]
    FIELD_KIND_LINE: _ClassVar[FieldKind]
    FIELD_KIND_INTEGER: _ClassVar[FieldKind]
    FIELD_KIND_NUMBER: _ClassVar[FieldKind]
    FIELD_KIND_FRACTION: _ClassVar[FieldKind]
    FIELD_KIND_SEED: _ClassVar[FieldKind]
    FIELD_KIND_SWITCH: _ClassVar[FieldKind]
    FIELD_KIND_CHOICE: _ClassVar[FieldKind]
    FIELD_KIND_COLOR: _ClassVar[FieldKind]
    FIELD_KIND_LAYER: _ClassVar[FieldKind]
    FIELD_KIND_MODEL: _ClassVar[FieldKind]
    FIELD_KIND_REFERENCES: _ClassVar[FieldKind]
    FIELD_KIND_REGIONS: _ClassVar[FieldKind]
NEEDS_UNSPECIFIED: Needs
NEEDS_SELECTION: Needs
NEEDS_LAYER: Needs
NEEDS_NOTHING: Needs
FIELD_KIND_UNSPECIFIED: FieldKind
FIELD_KIND_TEXT: FieldKind
FIELD_KIND_LINE: FieldKind
FIELD_KIND_INTEGER: FieldKind
FIELD_KIND_NUMBER: FieldKind
FIELD_KIND_FRACTION: FieldKind
FIELD_KIND_SEED: FieldKind
FIELD_KIND_SWITCH: FieldKind
FIELD_KIND_CHOICE: FieldKind
FIELD_KIND_COLOR: FieldKind
FIELD_KIND_LAYER: FieldKind
FIELD_KIND_MODEL: FieldKind
FIELD_KIND_REFERENCES: FieldKind
FIELD_KIND_REGIONS: FieldKind

class DescribeVerbsRequest(_message.Message):
    __slots__ = ("locale", "has_timeline")
    LOCALE_FIELD_NUMBER: _ClassVar[int]
    HAS_TIMELINE_FIELD_NUMBER: _ClassVar[int]
    locale: str
    has_timeline: bool
    def __init__(self, locale: _Optional[str] = ..., has_timeline: _Optional[bool] = ...) -> None: ...

class DescribeVerbsResponse(_message.Message):
    __slots__ = ("locale", "verbs", "words")
    class WordsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    LOCALE_FIELD_NUMBER: _ClassVar[int]
    VERBS_FIELD_NUMBER: _ClassVar[int]
    WORDS_FIELD_NUMBER: _ClassVar[int]
    locale: str
    verbs: _containers.RepeatedCompositeFieldContainer[VerbForm]
    words: _containers.ScalarMap[str, str]
    def __init__(self, locale: _Optional[str] = ..., verbs: _Optional[_Iterable[_Union[VerbForm, _Mapping]]] = ..., words: _Optional[_Mapping[str, str]] = ...) -> None: ...

class VerbForm(_message.Message):
    __slots__ = ("id", "title", "tip", "needs", "inverts", "fields", "models", "unable")
    ID_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    TIP_FIELD_NUMBER: _ClassVar[int]
    NEEDS_FIELD_NUMBER: _ClassVar[int]
    INVERTS_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    MODELS_FIELD_NUMBER: _ClassVar[int]
    UNABLE_FIELD_NUMBER: _ClassVar[int]
    id: str
    title: str
    tip: str
    needs: Needs
    inverts: bool
    fields: _containers.RepeatedCompositeFieldContainer[Field]
    models: _containers.RepeatedScalarFieldContainer[str]
    unable: str
    def __init__(self, id: _Optional[str] = ..., title: _Optional[str] = ..., tip: _Optional[str] = ..., needs: _Optional[_Union[Needs, str]] = ..., inverts: _Optional[bool] = ..., fields: _Optional[_Iterable[_Union[Field, _Mapping]]] = ..., models: _Optional[_Iterable[str]] = ..., unable: _Optional[str] = ...) -> None: ...

class Field(_message.Message):
    __slots__ = ("path", "kind", "title", "tip", "hint", "required", "lack", "advanced", "initial", "minimum", "maximum", "step", "unit", "choices", "is_aside", "syntax")
    PATH_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    TIP_FIELD_NUMBER: _ClassVar[int]
    HINT_FIELD_NUMBER: _ClassVar[int]
    REQUIRED_FIELD_NUMBER: _ClassVar[int]
    LACK_FIELD_NUMBER: _ClassVar[int]
    ADVANCED_FIELD_NUMBER: _ClassVar[int]
    INITIAL_FIELD_NUMBER: _ClassVar[int]
    MINIMUM_FIELD_NUMBER: _ClassVar[int]
    MAXIMUM_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    CHOICES_FIELD_NUMBER: _ClassVar[int]
    IS_ASIDE_FIELD_NUMBER: _ClassVar[int]
    SYNTAX_FIELD_NUMBER: _ClassVar[int]
    path: str
    kind: FieldKind
    title: str
    tip: str
    hint: str
    required: bool
    lack: str
    advanced: bool
    initial: _value_pb2.Value
    minimum: float
    maximum: float
    step: float
    unit: str
    choices: _containers.RepeatedCompositeFieldContainer[Choice]
    is_aside: bool
    syntax: _containers.RepeatedCompositeFieldContainer[Syntax]
    def __init__(self, path: _Optional[str] = ..., kind: _Optional[_Union[FieldKind, str]] = ..., title: _Optional[str] = ..., tip: _Optional[str] = ..., hint: _Optional[str] = ..., required: _Optional[bool] = ..., lack: _Optional[str] = ..., advanced: _Optional[bool] = ..., initial: _Optional[_Union[_value_pb2.Value, _Mapping]] = ..., minimum: _Optional[float] = ..., maximum: _Optional[float] = ..., step: _Optional[float] = ..., unit: _Optional[str] = ..., choices: _Optional[_Iterable[_Union[Choice, _Mapping]]] = ..., is_aside: _Optional[bool] = ..., syntax: _Optional[_Iterable[_Union[Syntax, _Mapping]]] = ...) -> None: ...

class Syntax(_message.Message):
    __slots__ = ("written", "tip", "before", "after", "models")
    WRITTEN_FIELD_NUMBER: _ClassVar[int]
    TIP_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    MODELS_FIELD_NUMBER: _ClassVar[int]
    written: str
    tip: str
    before: str
    after: str
    models: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, written: _Optional[str] = ..., tip: _Optional[str] = ..., before: _Optional[str] = ..., after: _Optional[str] = ..., models: _Optional[_Iterable[str]] = ...) -> None: ...

class Choice(_message.Message):
    __slots__ = ("value", "title", "tip")
    VALUE_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    TIP_FIELD_NUMBER: _ClassVar[int]
    value: str
    title: str
    tip: str
    def __init__(self, value: _Optional[str] = ..., title: _Optional[str] = ..., tip: _Optional[str] = ...) -> None: ...
