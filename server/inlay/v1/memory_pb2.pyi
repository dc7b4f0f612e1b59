from inlay.v1 import job_pb2 as _job_pb2
from inlay.v1 import raster_pb2 as _raster_pb2
from inlay.v1 import recipe_pb2 as _recipe_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Relation(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RELATION_UNSPECIFIED: _ClassVar[Relation]
    RELATION_APART: _ClassVar[Relation]
    RELATION_COVERED: _ClassVar[Relation]
    RELATION_SAME: _ClassVar[Relation]
RELATION_UNSPECIFIED: Relation
RELATION_APART: Relation
RELATION_COVERED: Relation
RELATION_SAME: Relation

class ResultMemory(_message.Message):
    __slots__ = ("job_id", "variation", "title", "recipe", "receipt_json", "patch", "mask_samples", "report")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    VARIATION_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    RECIPE_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_JSON_FIELD_NUMBER: _ClassVar[int]
    PATCH_FIELD_NUMBER: _ClassVar[int]
    MASK_SAMPLES_FIELD_NUMBER: _ClassVar[int]
    REPORT_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    variation: int
    title: str
    recipe: _recipe_pb2.Recipe
    receipt_json: str
    patch: _recipe_pb2.Patch
    mask_samples: bytes
    report: _recipe_pb2.Report
    def __init__(self, job_id: _Optional[str] = ..., variation: _Optional[int] = ..., title: _Optional[str] = ..., recipe: _Optional[_Union[_recipe_pb2.Recipe, _Mapping]] = ..., receipt_json: _Optional[str] = ..., patch: _Optional[_Union[_recipe_pb2.Patch, _Mapping]] = ..., mask_samples: _Optional[bytes] = ..., report: _Optional[_Union[_recipe_pb2.Report, _Mapping]] = ...) -> None: ...

class DescribeResultRequest(_message.Message):
    __slots__ = ("job_id", "locale")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    LOCALE_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    locale: str
    def __init__(self, job_id: _Optional[str] = ..., locale: _Optional[str] = ...) -> None: ...

class DescribeResultResponse(_message.Message):
    __slots__ = ("title", "memories", "others")
    TITLE_FIELD_NUMBER: _ClassVar[int]
    MEMORIES_FIELD_NUMBER: _ClassVar[int]
    OTHERS_FIELD_NUMBER: _ClassVar[int]
    title: str
    memories: _containers.RepeatedCompositeFieldContainer[ResultMemory]
    others: _containers.RepeatedCompositeFieldContainer[ResultMemory]
    def __init__(self, title: _Optional[str] = ..., memories: _Optional[_Iterable[_Union[ResultMemory, _Mapping]]] = ..., others: _Optional[_Iterable[_Union[ResultMemory, _Mapping]]] = ...) -> None: ...

class MarkDocumentRequest(_message.Message):
    __slots__ = ("job_id", "xmp", "origin_xmp")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    XMP_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_XMP_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    xmp: str
    origin_xmp: str
    def __init__(self, job_id: _Optional[str] = ..., xmp: _Optional[str] = ..., origin_xmp: _Optional[str] = ...) -> None: ...

class MarkDocumentResponse(_message.Message):
    __slots__ = ("xmp",)
    XMP_FIELD_NUMBER: _ClassVar[int]
    xmp: str
    def __init__(self, xmp: _Optional[str] = ...) -> None: ...

class FinishVariationRequest(_message.Message):
    __slots__ = ("job_id", "memory", "pixels", "source", "tier", "model", "label", "locale")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    MEMORY_FIELD_NUMBER: _ClassVar[int]
    PIXELS_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    TIER_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    LOCALE_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    memory: ResultMemory
    pixels: _raster_pb2.Raster
    source: _raster_pb2.Raster
    tier: str
    model: str
    label: str
    locale: str
    def __init__(self, job_id: _Optional[str] = ..., memory: _Optional[_Union[ResultMemory, _Mapping]] = ..., pixels: _Optional[_Union[_raster_pb2.Raster, _Mapping]] = ..., source: _Optional[_Union[_raster_pb2.Raster, _Mapping]] = ..., tier: _Optional[str] = ..., model: _Optional[str] = ..., label: _Optional[str] = ..., locale: _Optional[str] = ...) -> None: ...

class FinishVariationResponse(_message.Message):
    __slots__ = ("job",)
    JOB_FIELD_NUMBER: _ClassVar[int]
    job: _job_pb2.Job
    def __init__(self, job: _Optional[_Union[_job_pb2.Job, _Mapping]] = ...) -> None: ...

class CompareResultsRequest(_message.Message):
    __slots__ = ("verb", "where", "memories")
    VERB_FIELD_NUMBER: _ClassVar[int]
    WHERE_FIELD_NUMBER: _ClassVar[int]
    MEMORIES_FIELD_NUMBER: _ClassVar[int]
    verb: str
    where: _recipe_pb2.Where
    memories: _containers.RepeatedCompositeFieldContainer[ResultMemory]
    def __init__(self, verb: _Optional[str] = ..., where: _Optional[_Union[_recipe_pb2.Where, _Mapping]] = ..., memories: _Optional[_Iterable[_Union[ResultMemory, _Mapping]]] = ...) -> None: ...

class CompareResultsResponse(_message.Message):
    __slots__ = ("relations",)
    RELATIONS_FIELD_NUMBER: _ClassVar[int]
    relations: _containers.RepeatedScalarFieldContainer[Relation]
    def __init__(self, relations: _Optional[_Iterable[_Union[Relation, str]]] = ...) -> None: ...

class Part(_message.Message):
    __slots__ = ("place", "pixels")
    PLACE_FIELD_NUMBER: _ClassVar[int]
    PIXELS_FIELD_NUMBER: _ClassVar[int]
    place: _raster_pb2.Rect
    pixels: _raster_pb2.Raster
    def __init__(self, place: _Optional[_Union[_raster_pb2.Rect, _Mapping]] = ..., pixels: _Optional[_Union[_raster_pb2.Raster, _Mapping]] = ...) -> None: ...

class LocateSourceRequest(_message.Message):
    __slots__ = ("canvas", "document", "expected", "veiled", "parts", "locale")
    CANVAS_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_FIELD_NUMBER: _ClassVar[int]
    VEILED_FIELD_NUMBER: _ClassVar[int]
    PARTS_FIELD_NUMBER: _ClassVar[int]
    LOCALE_FIELD_NUMBER: _ClassVar[int]
    canvas: _recipe_pb2.Canvas
    document: _raster_pb2.Size
    expected: _containers.RepeatedCompositeFieldContainer[_raster_pb2.Rect]
    veiled: _containers.RepeatedCompositeFieldContainer[_raster_pb2.Rect]
    parts: _containers.RepeatedCompositeFieldContainer[Part]
    locale: str
    def __init__(self, canvas: _Optional[_Union[_recipe_pb2.Canvas, _Mapping]] = ..., document: _Optional[_Union[_raster_pb2.Size, _Mapping]] = ..., expected: _Optional[_Iterable[_Union[_raster_pb2.Rect, _Mapping]]] = ..., veiled: _Optional[_Iterable[_Union[_raster_pb2.Rect, _Mapping]]] = ..., parts: _Optional[_Iterable[_Union[Part, _Mapping]]] = ..., locale: _Optional[str] = ...) -> None: ...

class LocateSourceResponse(_message.Message):
    __slots__ = ("wanted", "found", "x", "y", "sentence")
    WANTED_FIELD_NUMBER: _ClassVar[int]
    FOUND_FIELD_NUMBER: _ClassVar[int]
    X_FIELD_NUMBER: _ClassVar[int]
    Y_FIELD_NUMBER: _ClassVar[int]
    SENTENCE_FIELD_NUMBER: _ClassVar[int]
    wanted: _raster_pb2.Rect
    found: bool
    x: int
    y: int
    sentence: str
    def __init__(self, wanted: _Optional[_Union[_raster_pb2.Rect, _Mapping]] = ..., found: _Optional[bool] = ..., x: _Optional[int] = ..., y: _Optional[int] = ..., sentence: _Optional[str] = ...) -> None: ...
