from inlay.v1 import cluster_pb2 as _cluster_pb2
from inlay.v1 import history_pb2 as _history_pb2
from inlay.v1 import job_pb2 as _job_pb2
from inlay.v1 import memory_pb2 as _memory_pb2
from inlay.v1 import pairing_pb2 as _pairing_pb2
from inlay.v1 import production_pb2 as _production_pb2
from inlay.v1 import raster_pb2 as _raster_pb2
from inlay.v1 import recipe_pb2 as _recipe_pb2
from inlay.v1 import setup_pb2 as _setup_pb2
from inlay.v1 import style_pb2 as _style_pb2
from inlay.v1 import value_pb2 as _value_pb2
from inlay.v1 import verbs_pb2 as _verbs_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ErrorFacts(_message.Message):
    __slots__ = ("type", "field", "expected_offset", "details")
    class DetailsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    TYPE_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_OFFSET_FIELD_NUMBER: _ClassVar[int]
    DETAILS_FIELD_NUMBER: _ClassVar[int]
    type: str
    field: str
    expected_offset: int
    details: _containers.ScalarMap[str, str]
    def __init__(self, type: _Optional[str] = ..., field: _Optional[str] = ..., expected_offset: _Optional[int] = ..., details: _Optional[_Mapping[str, str]] = ...) -> None: ...

class GetServerInfoRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetServerInfoResponse(_message.Message):
    __slots__ = ("version", "protocol", "name", "devices", "profiles", "max_chunk_bytes", "styles")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    PROTOCOL_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    DEVICES_FIELD_NUMBER: _ClassVar[int]
    PROFILES_FIELD_NUMBER: _ClassVar[int]
    MAX_CHUNK_BYTES_FIELD_NUMBER: _ClassVar[int]
    STYLES_FIELD_NUMBER: _ClassVar[int]
    version: str
    protocol: int
    name: str
    devices: _containers.RepeatedScalarFieldContainer[str]
    profiles: _containers.RepeatedScalarFieldContainer[str]
    max_chunk_bytes: int
    styles: str
    def __init__(self, version: _Optional[str] = ..., protocol: _Optional[int] = ..., name: _Optional[str] = ..., devices: _Optional[_Iterable[str]] = ..., profiles: _Optional[_Iterable[str]] = ..., max_chunk_bytes: _Optional[int] = ..., styles: _Optional[str] = ...) -> None: ...

class ListModelsRequest(_message.Message):
    __slots__ = ("locale",)
    LOCALE_FIELD_NUMBER: _ClassVar[int]
    locale: str
    def __init__(self, locale: _Optional[str] = ...) -> None: ...

class ListModelsResponse(_message.Message):
    __slots__ = ("models", "waiting")
    MODELS_FIELD_NUMBER: _ClassVar[int]
    WAITING_FIELD_NUMBER: _ClassVar[int]
    models: _containers.RepeatedCompositeFieldContainer[Model]
    waiting: _containers.RepeatedCompositeFieldContainer[WaitingModel]
    def __init__(self, models: _Optional[_Iterable[_Union[Model, _Mapping]]] = ..., waiting: _Optional[_Iterable[_Union[WaitingModel, _Mapping]]] = ...) -> None: ...

class Model(_message.Message):
    __slots__ = ("id", "title", "verbs", "understands_prompts", "native_px", "max_px", "promotes", "kind", "accepts", "licence", "leaves", "family", "commercial", "licence_source", "bytes", "precision", "memory", "references", "weighs_references", "structures")
    ID_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    VERBS_FIELD_NUMBER: _ClassVar[int]
    UNDERSTANDS_PROMPTS_FIELD_NUMBER: _ClassVar[int]
    NATIVE_PX_FIELD_NUMBER: _ClassVar[int]
    MAX_PX_FIELD_NUMBER: _ClassVar[int]
    PROMOTES_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    ACCEPTS_FIELD_NUMBER: _ClassVar[int]
    LICENCE_FIELD_NUMBER: _ClassVar[int]
    LEAVES_FIELD_NUMBER: _ClassVar[int]
    FAMILY_FIELD_NUMBER: _ClassVar[int]
    COMMERCIAL_FIELD_NUMBER: _ClassVar[int]
    LICENCE_SOURCE_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    PRECISION_FIELD_NUMBER: _ClassVar[int]
    MEMORY_FIELD_NUMBER: _ClassVar[int]
    REFERENCES_FIELD_NUMBER: _ClassVar[int]
    WEIGHS_REFERENCES_FIELD_NUMBER: _ClassVar[int]
    STRUCTURES_FIELD_NUMBER: _ClassVar[int]
    id: str
    title: str
    verbs: _containers.RepeatedScalarFieldContainer[str]
    understands_prompts: bool
    native_px: int
    max_px: int
    promotes: bool
    kind: str
    accepts: _containers.RepeatedScalarFieldContainer[str]
    licence: str
    leaves: str
    family: str
    commercial: str
    licence_source: str
    bytes: int
    precision: str
    memory: str
    references: int
    weighs_references: bool
    structures: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, id: _Optional[str] = ..., title: _Optional[str] = ..., verbs: _Optional[_Iterable[str]] = ..., understands_prompts: _Optional[bool] = ..., native_px: _Optional[int] = ..., max_px: _Optional[int] = ..., promotes: _Optional[bool] = ..., kind: _Optional[str] = ..., accepts: _Optional[_Iterable[str]] = ..., licence: _Optional[str] = ..., leaves: _Optional[str] = ..., family: _Optional[str] = ..., commercial: _Optional[str] = ..., licence_source: _Optional[str] = ..., bytes: _Optional[int] = ..., precision: _Optional[str] = ..., memory: _Optional[str] = ..., references: _Optional[int] = ..., weighs_references: _Optional[bool] = ..., structures: _Optional[_Iterable[str]] = ...) -> None: ...

class WaitingModel(_message.Message):
    __slots__ = ("id", "family", "cure")
    ID_FIELD_NUMBER: _ClassVar[int]
    FAMILY_FIELD_NUMBER: _ClassVar[int]
    CURE_FIELD_NUMBER: _ClassVar[int]
    id: str
    family: str
    cure: str
    def __init__(self, id: _Optional[str] = ..., family: _Optional[str] = ..., cure: _Optional[str] = ...) -> None: ...

class PlanEditRequest(_message.Message):
    __slots__ = ("document", "region", "verb", "tier", "model", "context_px", "grow_px", "feather_px", "count", "prompted", "locale", "references", "reference_layers", "words", "style", "options")
    class OptionsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: _value_pb2.Value
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[_value_pb2.Value, _Mapping]] = ...) -> None: ...
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    REGION_FIELD_NUMBER: _ClassVar[int]
    VERB_FIELD_NUMBER: _ClassVar[int]
    TIER_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_PX_FIELD_NUMBER: _ClassVar[int]
    GROW_PX_FIELD_NUMBER: _ClassVar[int]
    FEATHER_PX_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    PROMPTED_FIELD_NUMBER: _ClassVar[int]
    LOCALE_FIELD_NUMBER: _ClassVar[int]
    REFERENCES_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_LAYERS_FIELD_NUMBER: _ClassVar[int]
    WORDS_FIELD_NUMBER: _ClassVar[int]
    STYLE_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    document: _raster_pb2.Size
    region: _raster_pb2.Rect
    verb: str
    tier: str
    model: str
    context_px: int
    grow_px: int
    feather_px: int
    count: int
    prompted: bool
    locale: str
    references: _containers.RepeatedCompositeFieldContainer[_raster_pb2.Size]
    reference_layers: _containers.RepeatedCompositeFieldContainer[_raster_pb2.Rect]
    words: _recipe_pb2.Words
    style: str
    options: _containers.MessageMap[str, _value_pb2.Value]
    def __init__(self, document: _Optional[_Union[_raster_pb2.Size, _Mapping]] = ..., region: _Optional[_Union[_raster_pb2.Rect, _Mapping]] = ..., verb: _Optional[str] = ..., tier: _Optional[str] = ..., model: _Optional[str] = ..., context_px: _Optional[int] = ..., grow_px: _Optional[int] = ..., feather_px: _Optional[int] = ..., count: _Optional[int] = ..., prompted: _Optional[bool] = ..., locale: _Optional[str] = ..., references: _Optional[_Iterable[_Union[_raster_pb2.Size, _Mapping]]] = ..., reference_layers: _Optional[_Iterable[_Union[_raster_pb2.Rect, _Mapping]]] = ..., words: _Optional[_Union[_recipe_pb2.Words, _Mapping]] = ..., style: _Optional[str] = ..., options: _Optional[_Mapping[str, _value_pb2.Value]] = ...) -> None: ...

class PlanEditResponse(_message.Message):
    __slots__ = ("window", "working", "scale", "estimate_s", "queue_length", "model", "notes", "sentence", "leaving", "told")
    WINDOW_FIELD_NUMBER: _ClassVar[int]
    WORKING_FIELD_NUMBER: _ClassVar[int]
    SCALE_FIELD_NUMBER: _ClassVar[int]
    ESTIMATE_S_FIELD_NUMBER: _ClassVar[int]
    QUEUE_LENGTH_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    SENTENCE_FIELD_NUMBER: _ClassVar[int]
    LEAVING_FIELD_NUMBER: _ClassVar[int]
    TOLD_FIELD_NUMBER: _ClassVar[int]
    window: _raster_pb2.Rect
    working: _raster_pb2.Size
    scale: float
    estimate_s: float
    queue_length: int
    model: str
    notes: _containers.RepeatedScalarFieldContainer[str]
    sentence: str
    leaving: Leaving
    told: _recipe_pb2.Told
    def __init__(self, window: _Optional[_Union[_raster_pb2.Rect, _Mapping]] = ..., working: _Optional[_Union[_raster_pb2.Size, _Mapping]] = ..., scale: _Optional[float] = ..., estimate_s: _Optional[float] = ..., queue_length: _Optional[int] = ..., model: _Optional[str] = ..., notes: _Optional[_Iterable[str]] = ..., sentence: _Optional[str] = ..., leaving: _Optional[_Union[Leaving, _Mapping]] = ..., told: _Optional[_Union[_recipe_pb2.Told, _Mapping]] = ...) -> None: ...

class Leaving(_message.Message):
    __slots__ = ("to", "rect", "bytes", "price", "sentence")
    TO_FIELD_NUMBER: _ClassVar[int]
    RECT_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    SENTENCE_FIELD_NUMBER: _ClassVar[int]
    to: str
    rect: _raster_pb2.Rect
    bytes: int
    price: str
    sentence: str
    def __init__(self, to: _Optional[str] = ..., rect: _Optional[_Union[_raster_pb2.Rect, _Mapping]] = ..., bytes: _Optional[int] = ..., price: _Optional[str] = ..., sentence: _Optional[str] = ...) -> None: ...

class HasBlobsRequest(_message.Message):
    __slots__ = ("sha256",)
    SHA256_FIELD_NUMBER: _ClassVar[int]
    sha256: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, sha256: _Optional[_Iterable[str]] = ...) -> None: ...

class HasBlobsResponse(_message.Message):
    __slots__ = ("blobs",)
    BLOBS_FIELD_NUMBER: _ClassVar[int]
    blobs: _containers.RepeatedCompositeFieldContainer[BlobStatus]
    def __init__(self, blobs: _Optional[_Iterable[_Union[BlobStatus, _Mapping]]] = ...) -> None: ...

class BlobStatus(_message.Message):
    __slots__ = ("sha256", "present", "received")
    SHA256_FIELD_NUMBER: _ClassVar[int]
    PRESENT_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_FIELD_NUMBER: _ClassVar[int]
    sha256: str
    present: bool
    received: int
    def __init__(self, sha256: _Optional[str] = ..., present: _Optional[bool] = ..., received: _Optional[int] = ...) -> None: ...

class PutBlobRequest(_message.Message):
    __slots__ = ("sha256", "offset", "total", "data")
    SHA256_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    sha256: str
    offset: int
    total: int
    data: bytes
    def __init__(self, sha256: _Optional[str] = ..., offset: _Optional[int] = ..., total: _Optional[int] = ..., data: _Optional[bytes] = ...) -> None: ...

class PutBlobResponse(_message.Message):
    __slots__ = ("received", "complete")
    RECEIVED_FIELD_NUMBER: _ClassVar[int]
    COMPLETE_FIELD_NUMBER: _ClassVar[int]
    received: int
    complete: bool
    def __init__(self, received: _Optional[int] = ..., complete: _Optional[bool] = ...) -> None: ...

class GetBlobRequest(_message.Message):
    __slots__ = ("sha256", "offset")
    SHA256_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    sha256: str
    offset: int
    def __init__(self, sha256: _Optional[str] = ..., offset: _Optional[int] = ...) -> None: ...

class GetBlobResponse(_message.Message):
    __slots__ = ("total", "offset", "data")
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    total: int
    offset: int
    data: bytes
    def __init__(self, total: _Optional[int] = ..., offset: _Optional[int] = ..., data: _Optional[bytes] = ...) -> None: ...

class ReadBlobRequest(_message.Message):
    __slots__ = ("sha256", "offset", "length")
    SHA256_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    LENGTH_FIELD_NUMBER: _ClassVar[int]
    sha256: str
    offset: int
    length: int
    def __init__(self, sha256: _Optional[str] = ..., offset: _Optional[int] = ..., length: _Optional[int] = ...) -> None: ...

class ReadBlobResponse(_message.Message):
    __slots__ = ("total", "data")
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    total: int
    data: bytes
    def __init__(self, total: _Optional[int] = ..., data: _Optional[bytes] = ...) -> None: ...

class SubmitEditRequest(_message.Message):
    __slots__ = ("job_id", "recipe", "label", "lane", "parent", "batch", "locale", "no_hints")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    RECIPE_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    LANE_FIELD_NUMBER: _ClassVar[int]
    PARENT_FIELD_NUMBER: _ClassVar[int]
    BATCH_FIELD_NUMBER: _ClassVar[int]
    LOCALE_FIELD_NUMBER: _ClassVar[int]
    NO_HINTS_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    recipe: _recipe_pb2.Recipe
    label: str
    lane: str
    parent: str
    batch: str
    locale: str
    no_hints: bool
    def __init__(self, job_id: _Optional[str] = ..., recipe: _Optional[_Union[_recipe_pb2.Recipe, _Mapping]] = ..., label: _Optional[str] = ..., lane: _Optional[str] = ..., parent: _Optional[str] = ..., batch: _Optional[str] = ..., locale: _Optional[str] = ..., no_hints: _Optional[bool] = ...) -> None: ...

class SubmitEditResponse(_message.Message):
    __slots__ = ("job",)
    JOB_FIELD_NUMBER: _ClassVar[int]
    job: _job_pb2.Job
    def __init__(self, job: _Optional[_Union[_job_pb2.Job, _Mapping]] = ...) -> None: ...

class WatchJobRequest(_message.Message):
    __slots__ = ("job_id", "after_seq")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    AFTER_SEQ_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    after_seq: int
    def __init__(self, job_id: _Optional[str] = ..., after_seq: _Optional[int] = ...) -> None: ...

class WatchJobResponse(_message.Message):
    __slots__ = ("event",)
    EVENT_FIELD_NUMBER: _ClassVar[int]
    event: _job_pb2.Event
    def __init__(self, event: _Optional[_Union[_job_pb2.Event, _Mapping]] = ...) -> None: ...

class PollJobRequest(_message.Message):
    __slots__ = ("job_id", "after_seq", "wait_ms", "locale")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    AFTER_SEQ_FIELD_NUMBER: _ClassVar[int]
    WAIT_MS_FIELD_NUMBER: _ClassVar[int]
    LOCALE_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    after_seq: int
    wait_ms: int
    locale: str
    def __init__(self, job_id: _Optional[str] = ..., after_seq: _Optional[int] = ..., wait_ms: _Optional[int] = ..., locale: _Optional[str] = ...) -> None: ...

class PollJobResponse(_message.Message):
    __slots__ = ("events", "state")
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    events: _containers.RepeatedCompositeFieldContainer[_job_pb2.Event]
    state: _job_pb2.JobState
    def __init__(self, events: _Optional[_Iterable[_Union[_job_pb2.Event, _Mapping]]] = ..., state: _Optional[_Union[_job_pb2.JobState, str]] = ...) -> None: ...

class ListJobsRequest(_message.Message):
    __slots__ = ("label", "limit", "unfetched_only", "batch", "after", "locale")
    LABEL_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    UNFETCHED_ONLY_FIELD_NUMBER: _ClassVar[int]
    BATCH_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    LOCALE_FIELD_NUMBER: _ClassVar[int]
    label: str
    limit: int
    unfetched_only: bool
    batch: str
    after: str
    locale: str
    def __init__(self, label: _Optional[str] = ..., limit: _Optional[int] = ..., unfetched_only: _Optional[bool] = ..., batch: _Optional[str] = ..., after: _Optional[str] = ..., locale: _Optional[str] = ...) -> None: ...

class ListJobsResponse(_message.Message):
    __slots__ = ("jobs", "next")
    JOBS_FIELD_NUMBER: _ClassVar[int]
    NEXT_FIELD_NUMBER: _ClassVar[int]
    jobs: _containers.RepeatedCompositeFieldContainer[_job_pb2.Job]
    next: str
    def __init__(self, jobs: _Optional[_Iterable[_Union[_job_pb2.Job, _Mapping]]] = ..., next: _Optional[str] = ...) -> None: ...

class CancelJobRequest(_message.Message):
    __slots__ = ("job_id",)
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    def __init__(self, job_id: _Optional[str] = ...) -> None: ...

class CancelJobResponse(_message.Message):
    __slots__ = ("job",)
    JOB_FIELD_NUMBER: _ClassVar[int]
    job: _job_pb2.Job
    def __init__(self, job: _Optional[_Union[_job_pb2.Job, _Mapping]] = ...) -> None: ...

class RateVariationRequest(_message.Message):
    __slots__ = ("job_id", "variation", "rating")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    VARIATION_FIELD_NUMBER: _ClassVar[int]
    RATING_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    variation: int
    rating: _job_pb2.Rating
    def __init__(self, job_id: _Optional[str] = ..., variation: _Optional[int] = ..., rating: _Optional[_Union[_job_pb2.Rating, str]] = ...) -> None: ...

class RateVariationResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ProbeRegionRequest(_message.Message):
    __slots__ = ("source", "mask", "target_color", "locale")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    MASK_FIELD_NUMBER: _ClassVar[int]
    TARGET_COLOR_FIELD_NUMBER: _ClassVar[int]
    LOCALE_FIELD_NUMBER: _ClassVar[int]
    source: _raster_pb2.Raster
    mask: _raster_pb2.Raster
    target_color: str
    locale: str
    def __init__(self, source: _Optional[_Union[_raster_pb2.Raster, _Mapping]] = ..., mask: _Optional[_Union[_raster_pb2.Raster, _Mapping]] = ..., target_color: _Optional[str] = ..., locale: _Optional[str] = ...) -> None: ...

class ProbeRegionResponse(_message.Message):
    __slots__ = ("pixels", "document_mean", "document_spread", "lab_mean", "lab_spread", "hex", "delta_e", "color", "lines")
    PIXELS_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_MEAN_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_SPREAD_FIELD_NUMBER: _ClassVar[int]
    LAB_MEAN_FIELD_NUMBER: _ClassVar[int]
    LAB_SPREAD_FIELD_NUMBER: _ClassVar[int]
    HEX_FIELD_NUMBER: _ClassVar[int]
    DELTA_E_FIELD_NUMBER: _ClassVar[int]
    COLOR_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    pixels: int
    document_mean: _containers.RepeatedScalarFieldContainer[float]
    document_spread: _containers.RepeatedScalarFieldContainer[float]
    lab_mean: _containers.RepeatedScalarFieldContainer[float]
    lab_spread: _containers.RepeatedScalarFieldContainer[float]
    hex: str
    delta_e: float
    color: str
    lines: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, pixels: _Optional[int] = ..., document_mean: _Optional[_Iterable[float]] = ..., document_spread: _Optional[_Iterable[float]] = ..., lab_mean: _Optional[_Iterable[float]] = ..., lab_spread: _Optional[_Iterable[float]] = ..., hex: _Optional[str] = ..., delta_e: _Optional[float] = ..., color: _Optional[str] = ..., lines: _Optional[_Iterable[str]] = ...) -> None: ...

class ProbeStreamRequest(_message.Message):
    __slots__ = ("count", "interval_ms")
    COUNT_FIELD_NUMBER: _ClassVar[int]
    INTERVAL_MS_FIELD_NUMBER: _ClassVar[int]
    count: int
    interval_ms: int
    def __init__(self, count: _Optional[int] = ..., interval_ms: _Optional[int] = ...) -> None: ...

class ProbeStreamResponse(_message.Message):
    __slots__ = ("index",)
    INDEX_FIELD_NUMBER: _ClassVar[int]
    index: int
    def __init__(self, index: _Optional[int] = ...) -> None: ...
