from inlay.v1 import raster_pb2 as _raster_pb2
from inlay.v1 import recipe_pb2 as _recipe_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class JobState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    JOB_STATE_UNSPECIFIED: _ClassVar[JobState]
    JOB_STATE_QUEUED: _ClassVar[JobState]
    JOB_STATE_RUNNING: _ClassVar[JobState]
    JOB_STATE_DONE: _ClassVar[JobState]
    JOB_STATE_FAILED: _ClassVar[JobState]
    JOB_STATE_CANCELLED: _ClassVar[JobState]

class Rating(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RATING_UNSPECIFIED: _ClassVar[Rating]
    RATING_KEPT: _ClassVar[Rating]
    RATING_REJECTED: _ClassVar[Rating]
JOB_STATE_UNSPECIFIED: JobState
JOB_STATE_QUEUED: JobState
JOB_STATE_RUNNING: JobState
JOB_STATE_DONE: JobState
JOB_STATE_FAILED: JobState
JOB_STATE_CANCELLED: JobState
RATING_UNSPECIFIED: Rating
RATING_KEPT: Rating
RATING_REJECTED: Rating

class Queued(_message.Message):
    __slots__ = ("position", "eta_s", "why")
    POSITION_FIELD_NUMBER: _ClassVar[int]
    ETA_S_FIELD_NUMBER: _ClassVar[int]
    WHY_FIELD_NUMBER: _ClassVar[int]
    position: int
    eta_s: float
    why: str
    def __init__(self, position: _Optional[int] = ..., eta_s: _Optional[float] = ..., why: _Optional[str] = ...) -> None: ...

class Loading(_message.Message):
    __slots__ = ("what",)
    WHAT_FIELD_NUMBER: _ClassVar[int]
    what: str
    def __init__(self, what: _Optional[str] = ...) -> None: ...

class Step(_message.Message):
    __slots__ = ("index", "total", "phase", "eta_s")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    PHASE_FIELD_NUMBER: _ClassVar[int]
    ETA_S_FIELD_NUMBER: _ClassVar[int]
    index: int
    total: int
    phase: str
    eta_s: float
    def __init__(self, index: _Optional[int] = ..., total: _Optional[int] = ..., phase: _Optional[str] = ..., eta_s: _Optional[float] = ...) -> None: ...

class Preview(_message.Message):
    __slots__ = ("variation", "size", "bounds", "rgb")
    VARIATION_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    BOUNDS_FIELD_NUMBER: _ClassVar[int]
    RGB_FIELD_NUMBER: _ClassVar[int]
    variation: int
    size: _raster_pb2.Size
    bounds: _raster_pb2.Rect
    rgb: bytes
    def __init__(self, variation: _Optional[int] = ..., size: _Optional[_Union[_raster_pb2.Size, _Mapping]] = ..., bounds: _Optional[_Union[_raster_pb2.Rect, _Mapping]] = ..., rgb: _Optional[bytes] = ...) -> None: ...

class VariationDone(_message.Message):
    __slots__ = ("variation",)
    VARIATION_FIELD_NUMBER: _ClassVar[int]
    variation: _recipe_pb2.Variation
    def __init__(self, variation: _Optional[_Union[_recipe_pb2.Variation, _Mapping]] = ...) -> None: ...

class Done(_message.Message):
    __slots__ = ("seconds",)
    SECONDS_FIELD_NUMBER: _ClassVar[int]
    seconds: float
    def __init__(self, seconds: _Optional[float] = ...) -> None: ...

class Failed(_message.Message):
    __slots__ = ("code", "message", "field")
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    code: str
    message: str
    field: str
    def __init__(self, code: _Optional[str] = ..., message: _Optional[str] = ..., field: _Optional[str] = ...) -> None: ...

class JobCancelled(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Event(_message.Message):
    __slots__ = ("seq", "time_unix_ms", "queued", "loading", "step", "preview", "variation", "done", "failed", "cancelled")
    SEQ_FIELD_NUMBER: _ClassVar[int]
    TIME_UNIX_MS_FIELD_NUMBER: _ClassVar[int]
    QUEUED_FIELD_NUMBER: _ClassVar[int]
    LOADING_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    PREVIEW_FIELD_NUMBER: _ClassVar[int]
    VARIATION_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    CANCELLED_FIELD_NUMBER: _ClassVar[int]
    seq: int
    time_unix_ms: int
    queued: Queued
    loading: Loading
    step: Step
    preview: Preview
    variation: VariationDone
    done: Done
    failed: Failed
    cancelled: JobCancelled
    def __init__(self, seq: _Optional[int] = ..., time_unix_ms: _Optional[int] = ..., queued: _Optional[_Union[Queued, _Mapping]] = ..., loading: _Optional[_Union[Loading, _Mapping]] = ..., step: _Optional[_Union[Step, _Mapping]] = ..., preview: _Optional[_Union[Preview, _Mapping]] = ..., variation: _Optional[_Union[VariationDone, _Mapping]] = ..., done: _Optional[_Union[Done, _Mapping]] = ..., failed: _Optional[_Union[Failed, _Mapping]] = ..., cancelled: _Optional[_Union[JobCancelled, _Mapping]] = ...) -> None: ...

class Job(_message.Message):
    __slots__ = ("job_id", "state", "recipe", "last_seq", "submitted_unix_ms", "variations_done", "fetched", "label", "attempts", "deaths", "lane", "parent", "batch", "device", "title", "person", "project")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    RECIPE_FIELD_NUMBER: _ClassVar[int]
    LAST_SEQ_FIELD_NUMBER: _ClassVar[int]
    SUBMITTED_UNIX_MS_FIELD_NUMBER: _ClassVar[int]
    VARIATIONS_DONE_FIELD_NUMBER: _ClassVar[int]
    FETCHED_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    DEATHS_FIELD_NUMBER: _ClassVar[int]
    LANE_FIELD_NUMBER: _ClassVar[int]
    PARENT_FIELD_NUMBER: _ClassVar[int]
    BATCH_FIELD_NUMBER: _ClassVar[int]
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    PROJECT_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    state: JobState
    recipe: _recipe_pb2.Recipe
    last_seq: int
    submitted_unix_ms: int
    variations_done: int
    fetched: bool
    label: str
    attempts: int
    deaths: int
    lane: str
    parent: str
    batch: str
    device: str
    title: str
    person: str
    project: str
    def __init__(self, job_id: _Optional[str] = ..., state: _Optional[_Union[JobState, str]] = ..., recipe: _Optional[_Union[_recipe_pb2.Recipe, _Mapping]] = ..., last_seq: _Optional[int] = ..., submitted_unix_ms: _Optional[int] = ..., variations_done: _Optional[int] = ..., fetched: _Optional[bool] = ..., label: _Optional[str] = ..., attempts: _Optional[int] = ..., deaths: _Optional[int] = ..., lane: _Optional[str] = ..., parent: _Optional[str] = ..., batch: _Optional[str] = ..., device: _Optional[str] = ..., title: _Optional[str] = ..., person: _Optional[str] = ..., project: _Optional[str] = ...) -> None: ...
