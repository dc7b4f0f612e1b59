from inlay.v1 import job_pb2 as _job_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListHistoryRequest(_message.Message):
    __slots__ = ("label", "search", "cursor", "limit", "locale")
    LABEL_FIELD_NUMBER: _ClassVar[int]
    SEARCH_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    LOCALE_FIELD_NUMBER: _ClassVar[int]
    label: str
    search: str
    cursor: str
    limit: int
    locale: str
    def __init__(self, label: _Optional[str] = ..., search: _Optional[str] = ..., cursor: _Optional[str] = ..., limit: _Optional[int] = ..., locale: _Optional[str] = ...) -> None: ...

class HistoryEntry(_message.Message):
    __slots__ = ("job_id", "variation", "title", "verb", "prompt", "seed", "seconds", "submitted_unix_ms", "rating", "model", "thumbnail", "target_color")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    VARIATION_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    VERB_FIELD_NUMBER: _ClassVar[int]
    PROMPT_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    SECONDS_FIELD_NUMBER: _ClassVar[int]
    SUBMITTED_UNIX_MS_FIELD_NUMBER: _ClassVar[int]
    RATING_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    THUMBNAIL_FIELD_NUMBER: _ClassVar[int]
    TARGET_COLOR_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    variation: int
    title: str
    verb: str
    prompt: str
    seed: int
    seconds: float
    submitted_unix_ms: int
    rating: _job_pb2.Rating
    model: str
    thumbnail: bytes
    target_color: str
    def __init__(self, job_id: _Optional[str] = ..., variation: _Optional[int] = ..., title: _Optional[str] = ..., verb: _Optional[str] = ..., prompt: _Optional[str] = ..., seed: _Optional[int] = ..., seconds: _Optional[float] = ..., submitted_unix_ms: _Optional[int] = ..., rating: _Optional[_Union[_job_pb2.Rating, str]] = ..., model: _Optional[str] = ..., thumbnail: _Optional[bytes] = ..., target_color: _Optional[str] = ...) -> None: ...

class ListHistoryResponse(_message.Message):
    __slots__ = ("entries", "next")
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    NEXT_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedCompositeFieldContainer[HistoryEntry]
    next: str
    def __init__(self, entries: _Optional[_Iterable[_Union[HistoryEntry, _Mapping]]] = ..., next: _Optional[str] = ...) -> None: ...
