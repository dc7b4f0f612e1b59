from inlay.v1 import raster_pb2 as _raster_pb2
from inlay.v1 import value_pb2 as _value_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Canvas(_message.Message):
    __slots__ = ("document", "window", "source")
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    WINDOW_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    document: _raster_pb2.Size
    window: _raster_pb2.Rect
    source: _raster_pb2.Raster
    def __init__(self, document: _Optional[_Union[_raster_pb2.Size, _Mapping]] = ..., window: _Optional[_Union[_raster_pb2.Rect, _Mapping]] = ..., source: _Optional[_Union[_raster_pb2.Raster, _Mapping]] = ...) -> None: ...

class Where(_message.Message):
    __slots__ = ("region", "mask", "grow_px", "feather_px")
    REGION_FIELD_NUMBER: _ClassVar[int]
    MASK_FIELD_NUMBER: _ClassVar[int]
    GROW_PX_FIELD_NUMBER: _ClassVar[int]
    FEATHER_PX_FIELD_NUMBER: _ClassVar[int]
    region: _raster_pb2.Rect
    mask: _raster_pb2.Raster
    grow_px: int
    feather_px: int
    def __init__(self, region: _Optional[_Union[_raster_pb2.Rect, _Mapping]] = ..., mask: _Optional[_Union[_raster_pb2.Raster, _Mapping]] = ..., grow_px: _Optional[int] = ..., feather_px: _Optional[int] = ...) -> None: ...

class Words(_message.Message):
    __slots__ = ("prompt", "negative_prompt", "target_color", "raw", "surroundings")
    PROMPT_FIELD_NUMBER: _ClassVar[int]
    NEGATIVE_PROMPT_FIELD_NUMBER: _ClassVar[int]
    TARGET_COLOR_FIELD_NUMBER: _ClassVar[int]
    RAW_FIELD_NUMBER: _ClassVar[int]
    SURROUNDINGS_FIELD_NUMBER: _ClassVar[int]
    prompt: str
    negative_prompt: str
    target_color: str
    raw: bool
    surroundings: str
    def __init__(self, prompt: _Optional[str] = ..., negative_prompt: _Optional[str] = ..., target_color: _Optional[str] = ..., raw: _Optional[bool] = ..., surroundings: _Optional[str] = ...) -> None: ...

class Told(_message.Message):
    __slots__ = ("prompt", "negative_prompt")
    PROMPT_FIELD_NUMBER: _ClassVar[int]
    NEGATIVE_PROMPT_FIELD_NUMBER: _ClassVar[int]
    prompt: str
    negative_prompt: str
    def __init__(self, prompt: _Optional[str] = ..., negative_prompt: _Optional[str] = ...) -> None: ...

class Lora(_message.Message):
    __slots__ = ("name", "sha256", "weight")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_FIELD_NUMBER: _ClassVar[int]
    name: str
    sha256: str
    weight: float
    def __init__(self, name: _Optional[str] = ..., sha256: _Optional[str] = ..., weight: _Optional[float] = ...) -> None: ...

class Resolved(_message.Message):
    __slots__ = ("model", "model_sha256", "steps", "scheduler", "guidance", "loras", "working", "native_px", "strength", "step_cache", "clip_skip", "compiled", "quantization", "device", "dtype", "vae", "tile_px", "told", "draft_hold")
    MODEL_FIELD_NUMBER: _ClassVar[int]
    MODEL_SHA256_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    SCHEDULER_FIELD_NUMBER: _ClassVar[int]
    GUIDANCE_FIELD_NUMBER: _ClassVar[int]
    LORAS_FIELD_NUMBER: _ClassVar[int]
    WORKING_FIELD_NUMBER: _ClassVar[int]
    NATIVE_PX_FIELD_NUMBER: _ClassVar[int]
    STRENGTH_FIELD_NUMBER: _ClassVar[int]
    STEP_CACHE_FIELD_NUMBER: _ClassVar[int]
    CLIP_SKIP_FIELD_NUMBER: _ClassVar[int]
    COMPILED_FIELD_NUMBER: _ClassVar[int]
    QUANTIZATION_FIELD_NUMBER: _ClassVar[int]
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    DTYPE_FIELD_NUMBER: _ClassVar[int]
    VAE_FIELD_NUMBER: _ClassVar[int]
    TILE_PX_FIELD_NUMBER: _ClassVar[int]
    TOLD_FIELD_NUMBER: _ClassVar[int]
    DRAFT_HOLD_FIELD_NUMBER: _ClassVar[int]
    model: str
    model_sha256: str
    steps: int
    scheduler: str
    guidance: float
    loras: _containers.RepeatedCompositeFieldContainer[Lora]
    working: _raster_pb2.Size
    native_px: int
    strength: float
    step_cache: bool
    clip_skip: int
    compiled: bool
    quantization: str
    device: str
    dtype: str
    vae: str
    tile_px: int
    told: Told
    draft_hold: float
    def __init__(self, model: _Optional[str] = ..., model_sha256: _Optional[str] = ..., steps: _Optional[int] = ..., scheduler: _Optional[str] = ..., guidance: _Optional[float] = ..., loras: _Optional[_Iterable[_Union[Lora, _Mapping]]] = ..., working: _Optional[_Union[_raster_pb2.Size, _Mapping]] = ..., native_px: _Optional[int] = ..., strength: _Optional[float] = ..., step_cache: _Optional[bool] = ..., clip_skip: _Optional[int] = ..., compiled: _Optional[bool] = ..., quantization: _Optional[str] = ..., device: _Optional[str] = ..., dtype: _Optional[str] = ..., vae: _Optional[str] = ..., tile_px: _Optional[int] = ..., told: _Optional[_Union[Told, _Mapping]] = ..., draft_hold: _Optional[float] = ...) -> None: ...

class Sampling(_message.Message):
    __slots__ = ("seed", "count", "tier", "strength", "model", "resolved", "style")
    SEED_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    TIER_FIELD_NUMBER: _ClassVar[int]
    STRENGTH_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    RESOLVED_FIELD_NUMBER: _ClassVar[int]
    STYLE_FIELD_NUMBER: _ClassVar[int]
    seed: int
    count: int
    tier: str
    strength: float
    model: str
    resolved: Resolved
    style: str
    def __init__(self, seed: _Optional[int] = ..., count: _Optional[int] = ..., tier: _Optional[str] = ..., strength: _Optional[float] = ..., model: _Optional[str] = ..., resolved: _Optional[_Union[Resolved, _Mapping]] = ..., style: _Optional[str] = ...) -> None: ...

class Input(_message.Message):
    __slots__ = ("role", "raster", "place", "weight", "name")
    ROLE_FIELD_NUMBER: _ClassVar[int]
    RASTER_FIELD_NUMBER: _ClassVar[int]
    PLACE_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    role: str
    raster: _raster_pb2.Raster
    place: _raster_pb2.Rect
    weight: float
    name: str
    def __init__(self, role: _Optional[str] = ..., raster: _Optional[_Union[_raster_pb2.Raster, _Mapping]] = ..., place: _Optional[_Union[_raster_pb2.Rect, _Mapping]] = ..., weight: _Optional[float] = ..., name: _Optional[str] = ...) -> None: ...

class NamedColor(_message.Message):
    __slots__ = ("name", "color")
    NAME_FIELD_NUMBER: _ClassVar[int]
    COLOR_FIELD_NUMBER: _ClassVar[int]
    name: str
    color: str
    def __init__(self, name: _Optional[str] = ..., color: _Optional[str] = ...) -> None: ...

class TypeStyle(_message.Message):
    __slots__ = ("font", "least_px", "most_px")
    FONT_FIELD_NUMBER: _ClassVar[int]
    LEAST_PX_FIELD_NUMBER: _ClassVar[int]
    MOST_PX_FIELD_NUMBER: _ClassVar[int]
    font: str
    least_px: float
    most_px: float
    def __init__(self, font: _Optional[str] = ..., least_px: _Optional[float] = ..., most_px: _Optional[float] = ...) -> None: ...

class Style(_message.Message):
    __slots__ = ("id", "sha256", "title", "prompt_before", "prompt_after", "negative_prompt", "references", "loras", "models", "strength", "colors", "type")
    class ModelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    ID_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    PROMPT_BEFORE_FIELD_NUMBER: _ClassVar[int]
    PROMPT_AFTER_FIELD_NUMBER: _ClassVar[int]
    NEGATIVE_PROMPT_FIELD_NUMBER: _ClassVar[int]
    REFERENCES_FIELD_NUMBER: _ClassVar[int]
    LORAS_FIELD_NUMBER: _ClassVar[int]
    MODELS_FIELD_NUMBER: _ClassVar[int]
    STRENGTH_FIELD_NUMBER: _ClassVar[int]
    COLORS_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    id: str
    sha256: str
    title: str
    prompt_before: str
    prompt_after: str
    negative_prompt: str
    references: _containers.RepeatedCompositeFieldContainer[Input]
    loras: _containers.RepeatedCompositeFieldContainer[Lora]
    models: _containers.ScalarMap[str, str]
    strength: float
    colors: _containers.RepeatedCompositeFieldContainer[NamedColor]
    type: TypeStyle
    def __init__(self, id: _Optional[str] = ..., sha256: _Optional[str] = ..., title: _Optional[str] = ..., prompt_before: _Optional[str] = ..., prompt_after: _Optional[str] = ..., negative_prompt: _Optional[str] = ..., references: _Optional[_Iterable[_Union[Input, _Mapping]]] = ..., loras: _Optional[_Iterable[_Union[Lora, _Mapping]]] = ..., models: _Optional[_Mapping[str, str]] = ..., strength: _Optional[float] = ..., colors: _Optional[_Iterable[_Union[NamedColor, _Mapping]]] = ..., type: _Optional[_Union[TypeStyle, _Mapping]] = ...) -> None: ...

class Recipe(_message.Message):
    __slots__ = ("verb", "canvas", "where", "words", "sampling", "inputs", "options", "styled")
    class OptionsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: _value_pb2.Value
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[_value_pb2.Value, _Mapping]] = ...) -> None: ...
    VERB_FIELD_NUMBER: _ClassVar[int]
    CANVAS_FIELD_NUMBER: _ClassVar[int]
    WHERE_FIELD_NUMBER: _ClassVar[int]
    WORDS_FIELD_NUMBER: _ClassVar[int]
    SAMPLING_FIELD_NUMBER: _ClassVar[int]
    INPUTS_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    STYLED_FIELD_NUMBER: _ClassVar[int]
    verb: str
    canvas: Canvas
    where: Where
    words: Words
    sampling: Sampling
    inputs: _containers.RepeatedCompositeFieldContainer[Input]
    options: _containers.MessageMap[str, _value_pb2.Value]
    styled: Style
    def __init__(self, verb: _Optional[str] = ..., canvas: _Optional[_Union[Canvas, _Mapping]] = ..., where: _Optional[_Union[Where, _Mapping]] = ..., words: _Optional[_Union[Words, _Mapping]] = ..., sampling: _Optional[_Union[Sampling, _Mapping]] = ..., inputs: _Optional[_Iterable[_Union[Input, _Mapping]]] = ..., options: _Optional[_Mapping[str, _value_pb2.Value]] = ..., styled: _Optional[_Union[Style, _Mapping]] = ...) -> None: ...

class Report(_message.Message):
    __slots__ = ("ring_delta_e_before", "ring_delta_e_after", "notes", "details_json", "suggested")
    class SuggestedEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    RING_DELTA_E_BEFORE_FIELD_NUMBER: _ClassVar[int]
    RING_DELTA_E_AFTER_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    DETAILS_JSON_FIELD_NUMBER: _ClassVar[int]
    SUGGESTED_FIELD_NUMBER: _ClassVar[int]
    ring_delta_e_before: float
    ring_delta_e_after: float
    notes: _containers.RepeatedScalarFieldContainer[str]
    details_json: str
    suggested: _containers.ScalarMap[str, str]
    def __init__(self, ring_delta_e_before: _Optional[float] = ..., ring_delta_e_after: _Optional[float] = ..., notes: _Optional[_Iterable[str]] = ..., details_json: _Optional[str] = ..., suggested: _Optional[_Mapping[str, str]] = ...) -> None: ...

class Patch(_message.Message):
    __slots__ = ("bounds", "pixels", "mask")
    BOUNDS_FIELD_NUMBER: _ClassVar[int]
    PIXELS_FIELD_NUMBER: _ClassVar[int]
    MASK_FIELD_NUMBER: _ClassVar[int]
    bounds: _raster_pb2.Rect
    pixels: _raster_pb2.Raster
    mask: _raster_pb2.Raster
    def __init__(self, bounds: _Optional[_Union[_raster_pb2.Rect, _Mapping]] = ..., pixels: _Optional[_Union[_raster_pb2.Raster, _Mapping]] = ..., mask: _Optional[_Union[_raster_pb2.Raster, _Mapping]] = ...) -> None: ...

class Layer(_message.Message):
    __slots__ = ("name", "bounds", "pixels", "blend", "type", "mask", "skeleton")
    NAME_FIELD_NUMBER: _ClassVar[int]
    BOUNDS_FIELD_NUMBER: _ClassVar[int]
    PIXELS_FIELD_NUMBER: _ClassVar[int]
    BLEND_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    MASK_FIELD_NUMBER: _ClassVar[int]
    SKELETON_FIELD_NUMBER: _ClassVar[int]
    name: str
    bounds: _raster_pb2.Rect
    pixels: _raster_pb2.Raster
    blend: str
    type: LiveType
    mask: _raster_pb2.Raster
    skeleton: Skeleton
    def __init__(self, name: _Optional[str] = ..., bounds: _Optional[_Union[_raster_pb2.Rect, _Mapping]] = ..., pixels: _Optional[_Union[_raster_pb2.Raster, _Mapping]] = ..., blend: _Optional[str] = ..., type: _Optional[_Union[LiveType, _Mapping]] = ..., mask: _Optional[_Union[_raster_pb2.Raster, _Mapping]] = ..., skeleton: _Optional[_Union[Skeleton, _Mapping]] = ...) -> None: ...

class Skeleton(_message.Message):
    __slots__ = ("joints", "bones")
    JOINTS_FIELD_NUMBER: _ClassVar[int]
    BONES_FIELD_NUMBER: _ClassVar[int]
    joints: _containers.RepeatedCompositeFieldContainer[Joint]
    bones: _containers.RepeatedCompositeFieldContainer[Bone]
    def __init__(self, joints: _Optional[_Iterable[_Union[Joint, _Mapping]]] = ..., bones: _Optional[_Iterable[_Union[Bone, _Mapping]]] = ...) -> None: ...

class Joint(_message.Message):
    __slots__ = ("at", "color", "radius_px")
    AT_FIELD_NUMBER: _ClassVar[int]
    COLOR_FIELD_NUMBER: _ClassVar[int]
    RADIUS_PX_FIELD_NUMBER: _ClassVar[int]
    at: Point
    color: str
    radius_px: float
    def __init__(self, at: _Optional[_Union[Point, _Mapping]] = ..., color: _Optional[str] = ..., radius_px: _Optional[float] = ...) -> None: ...

class Bone(_message.Message):
    __slots__ = ("one", "other", "color", "width_px")
    ONE_FIELD_NUMBER: _ClassVar[int]
    OTHER_FIELD_NUMBER: _ClassVar[int]
    COLOR_FIELD_NUMBER: _ClassVar[int]
    WIDTH_PX_FIELD_NUMBER: _ClassVar[int]
    one: int
    other: int
    color: str
    width_px: float
    def __init__(self, one: _Optional[int] = ..., other: _Optional[int] = ..., color: _Optional[str] = ..., width_px: _Optional[float] = ...) -> None: ...

class Point(_message.Message):
    __slots__ = ("x", "y")
    X_FIELD_NUMBER: _ClassVar[int]
    Y_FIELD_NUMBER: _ClassVar[int]
    x: float
    y: float
    def __init__(self, x: _Optional[float] = ..., y: _Optional[float] = ...) -> None: ...

class LiveType(_message.Message):
    __slots__ = ("words", "font", "size_px", "angle", "color", "origin", "corners", "bold", "slant", "stretch")
    WORDS_FIELD_NUMBER: _ClassVar[int]
    FONT_FIELD_NUMBER: _ClassVar[int]
    SIZE_PX_FIELD_NUMBER: _ClassVar[int]
    ANGLE_FIELD_NUMBER: _ClassVar[int]
    COLOR_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    CORNERS_FIELD_NUMBER: _ClassVar[int]
    BOLD_FIELD_NUMBER: _ClassVar[int]
    SLANT_FIELD_NUMBER: _ClassVar[int]
    STRETCH_FIELD_NUMBER: _ClassVar[int]
    words: str
    font: str
    size_px: float
    angle: float
    color: str
    origin: Point
    corners: _containers.RepeatedCompositeFieldContainer[Point]
    bold: bool
    slant: float
    stretch: float
    def __init__(self, words: _Optional[str] = ..., font: _Optional[str] = ..., size_px: _Optional[float] = ..., angle: _Optional[float] = ..., color: _Optional[str] = ..., origin: _Optional[_Union[Point, _Mapping]] = ..., corners: _Optional[_Iterable[_Union[Point, _Mapping]]] = ..., bold: _Optional[bool] = ..., slant: _Optional[float] = ..., stretch: _Optional[float] = ...) -> None: ...

class Layers(_message.Message):
    __slots__ = ("layers",)
    LAYERS_FIELD_NUMBER: _ClassVar[int]
    layers: _containers.RepeatedCompositeFieldContainer[Layer]
    def __init__(self, layers: _Optional[_Iterable[_Union[Layer, _Mapping]]] = ...) -> None: ...

class Selection(_message.Message):
    __slots__ = ("bounds", "mask")
    BOUNDS_FIELD_NUMBER: _ClassVar[int]
    MASK_FIELD_NUMBER: _ClassVar[int]
    bounds: _raster_pb2.Rect
    mask: _raster_pb2.Raster
    def __init__(self, bounds: _Optional[_Union[_raster_pb2.Rect, _Mapping]] = ..., mask: _Optional[_Union[_raster_pb2.Raster, _Mapping]] = ...) -> None: ...

class Picture(_message.Message):
    __slots__ = ("pixels",)
    PIXELS_FIELD_NUMBER: _ClassVar[int]
    pixels: _raster_pb2.Raster
    def __init__(self, pixels: _Optional[_Union[_raster_pb2.Raster, _Mapping]] = ...) -> None: ...

class Frames(_message.Message):
    __slots__ = ("bounds", "frames", "fps")
    BOUNDS_FIELD_NUMBER: _ClassVar[int]
    FRAMES_FIELD_NUMBER: _ClassVar[int]
    FPS_FIELD_NUMBER: _ClassVar[int]
    bounds: _raster_pb2.Rect
    frames: _containers.RepeatedCompositeFieldContainer[_raster_pb2.Raster]
    fps: float
    def __init__(self, bounds: _Optional[_Union[_raster_pb2.Rect, _Mapping]] = ..., frames: _Optional[_Iterable[_Union[_raster_pb2.Raster, _Mapping]]] = ..., fps: _Optional[float] = ...) -> None: ...

class Variation(_message.Message):
    __slots__ = ("index", "seed", "patch", "layers", "selection", "picture", "frames", "report", "receipt_json")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    PATCH_FIELD_NUMBER: _ClassVar[int]
    LAYERS_FIELD_NUMBER: _ClassVar[int]
    SELECTION_FIELD_NUMBER: _ClassVar[int]
    PICTURE_FIELD_NUMBER: _ClassVar[int]
    FRAMES_FIELD_NUMBER: _ClassVar[int]
    REPORT_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_JSON_FIELD_NUMBER: _ClassVar[int]
    index: int
    seed: int
    patch: Patch
    layers: Layers
    selection: Selection
    picture: Picture
    frames: Frames
    report: Report
    receipt_json: str
    def __init__(self, index: _Optional[int] = ..., seed: _Optional[int] = ..., patch: _Optional[_Union[Patch, _Mapping]] = ..., layers: _Optional[_Union[Layers, _Mapping]] = ..., selection: _Optional[_Union[Selection, _Mapping]] = ..., picture: _Optional[_Union[Picture, _Mapping]] = ..., frames: _Optional[_Union[Frames, _Mapping]] = ..., report: _Optional[_Union[Report, _Mapping]] = ..., receipt_json: _Optional[str] = ...) -> None: ...
