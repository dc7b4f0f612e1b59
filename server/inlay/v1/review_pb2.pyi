from inlay.v1 import raster_pb2 as _raster_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Role(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ROLE_UNSPECIFIED: _ClassVar[Role]
    ROLE_VIEW: _ClassVar[Role]
    ROLE_COMMENT: _ClassVar[Role]
    ROLE_DECIDE: _ClassVar[Role]

class Verdict(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    VERDICT_UNSPECIFIED: _ClassVar[Verdict]
    VERDICT_APPROVE: _ClassVar[Verdict]
    VERDICT_CHANGES: _ClassVar[Verdict]
    VERDICT_REJECT: _ClassVar[Verdict]

class FinalState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FINAL_STATE_UNSPECIFIED: _ClassVar[FinalState]
    FINAL_STATE_PAINTING: _ClassVar[FinalState]
    FINAL_STATE_DONE: _ClassVar[FinalState]
    FINAL_STATE_TO_FINISH: _ClassVar[FinalState]

class Side(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SIDE_UNSPECIFIED: _ClassVar[Side]
    SIDE_BEFORE: _ClassVar[Side]
    SIDE_AFTER: _ClassVar[Side]

class Gamut(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    GAMUT_UNSPECIFIED: _ClassVar[Gamut]
    GAMUT_SRGB: _ClassVar[Gamut]
    GAMUT_DISPLAY_P3: _ClassVar[Gamut]
ROLE_UNSPECIFIED: Role
ROLE_VIEW: Role
ROLE_COMMENT: Role
ROLE_DECIDE: Role
VERDICT_UNSPECIFIED: Verdict
VERDICT_APPROVE: Verdict
VERDICT_CHANGES: Verdict
VERDICT_REJECT: Verdict
FINAL_STATE_UNSPECIFIED: FinalState
FINAL_STATE_PAINTING: FinalState
FINAL_STATE_DONE: FinalState
FINAL_STATE_TO_FINISH: FinalState
SIDE_UNSPECIFIED: Side
SIDE_BEFORE: Side
SIDE_AFTER: Side
GAMUT_UNSPECIFIED: Gamut
GAMUT_SRGB: Gamut
GAMUT_DISPLAY_P3: Gamut

class Invitation(_message.Message):
    __slots__ = ("name", "role", "days")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    DAYS_FIELD_NUMBER: _ClassVar[int]
    name: str
    role: Role
    days: int
    def __init__(self, name: _Optional[str] = ..., role: _Optional[_Union[Role, str]] = ..., days: _Optional[int] = ...) -> None: ...

class Reviewer(_message.Message):
    __slots__ = ("number", "name", "role", "expires_unix_ms", "is_revoked")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_UNIX_MS_FIELD_NUMBER: _ClassVar[int]
    IS_REVOKED_FIELD_NUMBER: _ClassVar[int]
    number: int
    name: str
    role: Role
    expires_unix_ms: int
    is_revoked: bool
    def __init__(self, number: _Optional[int] = ..., name: _Optional[str] = ..., role: _Optional[_Union[Role, str]] = ..., expires_unix_ms: _Optional[int] = ..., is_revoked: _Optional[bool] = ...) -> None: ...

class ReviewLink(_message.Message):
    __slots__ = ("reviewer", "token", "url", "code")
    REVIEWER_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    reviewer: Reviewer
    token: str
    url: str
    code: bytes
    def __init__(self, reviewer: _Optional[_Union[Reviewer, _Mapping]] = ..., token: _Optional[str] = ..., url: _Optional[str] = ..., code: _Optional[bytes] = ...) -> None: ...

class NewDraft(_message.Message):
    __slots__ = ("job_id", "variation", "text", "replaces")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    VARIATION_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    REPLACES_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    variation: int
    text: str
    replaces: int
    def __init__(self, job_id: _Optional[str] = ..., variation: _Optional[int] = ..., text: _Optional[str] = ..., replaces: _Optional[int] = ...) -> None: ...

class Draft(_message.Message):
    __slots__ = ("draft", "version", "title", "text", "job_id", "variation", "document", "window", "region", "profile", "bits")
    DRAFT_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    VARIATION_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    WINDOW_FIELD_NUMBER: _ClassVar[int]
    REGION_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    BITS_FIELD_NUMBER: _ClassVar[int]
    draft: int
    version: int
    title: str
    text: str
    job_id: str
    variation: int
    document: _raster_pb2.Size
    window: _raster_pb2.Rect
    region: _raster_pb2.Rect
    profile: str
    bits: int
    def __init__(self, draft: _Optional[int] = ..., version: _Optional[int] = ..., title: _Optional[str] = ..., text: _Optional[str] = ..., job_id: _Optional[str] = ..., variation: _Optional[int] = ..., document: _Optional[_Union[_raster_pb2.Size, _Mapping]] = ..., window: _Optional[_Union[_raster_pb2.Rect, _Mapping]] = ..., region: _Optional[_Union[_raster_pb2.Rect, _Mapping]] = ..., profile: _Optional[str] = ..., bits: _Optional[int] = ...) -> None: ...

class Place(_message.Message):
    __slots__ = ("x", "y")
    X_FIELD_NUMBER: _ClassVar[int]
    Y_FIELD_NUMBER: _ClassVar[int]
    x: float
    y: float
    def __init__(self, x: _Optional[float] = ..., y: _Optional[float] = ...) -> None: ...

class Pin(_message.Message):
    __slots__ = ("pin_id", "draft", "version", "at", "text", "answers", "reviewer")
    PIN_ID_FIELD_NUMBER: _ClassVar[int]
    DRAFT_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    ANSWERS_FIELD_NUMBER: _ClassVar[int]
    REVIEWER_FIELD_NUMBER: _ClassVar[int]
    pin_id: str
    draft: int
    version: int
    at: Place
    text: str
    answers: str
    reviewer: int
    def __init__(self, pin_id: _Optional[str] = ..., draft: _Optional[int] = ..., version: _Optional[int] = ..., at: _Optional[_Union[Place, _Mapping]] = ..., text: _Optional[str] = ..., answers: _Optional[str] = ..., reviewer: _Optional[int] = ...) -> None: ...

class PinResolved(_message.Message):
    __slots__ = ("pin_id", "is_resolved", "reviewer")
    PIN_ID_FIELD_NUMBER: _ClassVar[int]
    IS_RESOLVED_FIELD_NUMBER: _ClassVar[int]
    REVIEWER_FIELD_NUMBER: _ClassVar[int]
    pin_id: str
    is_resolved: bool
    reviewer: int
    def __init__(self, pin_id: _Optional[str] = ..., is_resolved: _Optional[bool] = ..., reviewer: _Optional[int] = ...) -> None: ...

class Decision(_message.Message):
    __slots__ = ("draft", "version", "verdict", "text", "reviewer")
    DRAFT_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    REVIEWER_FIELD_NUMBER: _ClassVar[int]
    draft: int
    version: int
    verdict: Verdict
    text: str
    reviewer: int
    def __init__(self, draft: _Optional[int] = ..., version: _Optional[int] = ..., verdict: _Optional[_Union[Verdict, str]] = ..., text: _Optional[str] = ..., reviewer: _Optional[int] = ...) -> None: ...

class Final(_message.Message):
    __slots__ = ("draft", "version", "state", "job_id", "reason")
    DRAFT_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    draft: int
    version: int
    state: FinalState
    job_id: str
    reason: str
    def __init__(self, draft: _Optional[int] = ..., version: _Optional[int] = ..., state: _Optional[_Union[FinalState, str]] = ..., job_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class Revoked(_message.Message):
    __slots__ = ("reviewer",)
    REVIEWER_FIELD_NUMBER: _ClassVar[int]
    reviewer: int
    def __init__(self, reviewer: _Optional[int] = ...) -> None: ...

class ReviewEvent(_message.Message):
    __slots__ = ("seq", "time_unix_ms", "reviewer", "draft", "pin", "resolved", "decision", "final", "revoked")
    SEQ_FIELD_NUMBER: _ClassVar[int]
    TIME_UNIX_MS_FIELD_NUMBER: _ClassVar[int]
    REVIEWER_FIELD_NUMBER: _ClassVar[int]
    DRAFT_FIELD_NUMBER: _ClassVar[int]
    PIN_FIELD_NUMBER: _ClassVar[int]
    RESOLVED_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    FINAL_FIELD_NUMBER: _ClassVar[int]
    REVOKED_FIELD_NUMBER: _ClassVar[int]
    seq: int
    time_unix_ms: int
    reviewer: Reviewer
    draft: Draft
    pin: Pin
    resolved: PinResolved
    decision: Decision
    final: Final
    revoked: Revoked
    def __init__(self, seq: _Optional[int] = ..., time_unix_ms: _Optional[int] = ..., reviewer: _Optional[_Union[Reviewer, _Mapping]] = ..., draft: _Optional[_Union[Draft, _Mapping]] = ..., pin: _Optional[_Union[Pin, _Mapping]] = ..., resolved: _Optional[_Union[PinResolved, _Mapping]] = ..., decision: _Optional[_Union[Decision, _Mapping]] = ..., final: _Optional[_Union[Final, _Mapping]] = ..., revoked: _Optional[_Union[Revoked, _Mapping]] = ...) -> None: ...

class Review(_message.Message):
    __slots__ = ("review_id", "title", "created_unix_ms", "needs_all", "events", "drafts", "person", "project")
    REVIEW_ID_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    CREATED_UNIX_MS_FIELD_NUMBER: _ClassVar[int]
    NEEDS_ALL_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    DRAFTS_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    PROJECT_FIELD_NUMBER: _ClassVar[int]
    review_id: str
    title: str
    created_unix_ms: int
    needs_all: bool
    events: _containers.RepeatedCompositeFieldContainer[ReviewEvent]
    drafts: _containers.RepeatedCompositeFieldContainer[DraftState]
    person: str
    project: str
    def __init__(self, review_id: _Optional[str] = ..., title: _Optional[str] = ..., created_unix_ms: _Optional[int] = ..., needs_all: _Optional[bool] = ..., events: _Optional[_Iterable[_Union[ReviewEvent, _Mapping]]] = ..., drafts: _Optional[_Iterable[_Union[DraftState, _Mapping]]] = ..., person: _Optional[str] = ..., project: _Optional[str] = ...) -> None: ...

class DraftState(_message.Message):
    __slots__ = ("draft", "version", "is_locked", "verdict")
    DRAFT_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    IS_LOCKED_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    draft: int
    version: int
    is_locked: bool
    verdict: Verdict
    def __init__(self, draft: _Optional[int] = ..., version: _Optional[int] = ..., is_locked: _Optional[bool] = ..., verdict: _Optional[_Union[Verdict, str]] = ...) -> None: ...

class CreateReviewRequest(_message.Message):
    __slots__ = ("title", "drafts", "invitations", "needs_all", "locale", "address")
    TITLE_FIELD_NUMBER: _ClassVar[int]
    DRAFTS_FIELD_NUMBER: _ClassVar[int]
    INVITATIONS_FIELD_NUMBER: _ClassVar[int]
    NEEDS_ALL_FIELD_NUMBER: _ClassVar[int]
    LOCALE_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    title: str
    drafts: _containers.RepeatedCompositeFieldContainer[NewDraft]
    invitations: _containers.RepeatedCompositeFieldContainer[Invitation]
    needs_all: bool
    locale: str
    address: str
    def __init__(self, title: _Optional[str] = ..., drafts: _Optional[_Iterable[_Union[NewDraft, _Mapping]]] = ..., invitations: _Optional[_Iterable[_Union[Invitation, _Mapping]]] = ..., needs_all: _Optional[bool] = ..., locale: _Optional[str] = ..., address: _Optional[str] = ...) -> None: ...

class CreateReviewResponse(_message.Message):
    __slots__ = ("review", "links", "fingerprint")
    REVIEW_FIELD_NUMBER: _ClassVar[int]
    LINKS_FIELD_NUMBER: _ClassVar[int]
    FINGERPRINT_FIELD_NUMBER: _ClassVar[int]
    review: Review
    links: _containers.RepeatedCompositeFieldContainer[ReviewLink]
    fingerprint: str
    def __init__(self, review: _Optional[_Union[Review, _Mapping]] = ..., links: _Optional[_Iterable[_Union[ReviewLink, _Mapping]]] = ..., fingerprint: _Optional[str] = ...) -> None: ...

class AddVersionRequest(_message.Message):
    __slots__ = ("review_id", "drafts", "locale")
    REVIEW_ID_FIELD_NUMBER: _ClassVar[int]
    DRAFTS_FIELD_NUMBER: _ClassVar[int]
    LOCALE_FIELD_NUMBER: _ClassVar[int]
    review_id: str
    drafts: _containers.RepeatedCompositeFieldContainer[NewDraft]
    locale: str
    def __init__(self, review_id: _Optional[str] = ..., drafts: _Optional[_Iterable[_Union[NewDraft, _Mapping]]] = ..., locale: _Optional[str] = ...) -> None: ...

class AddVersionResponse(_message.Message):
    __slots__ = ("review",)
    REVIEW_FIELD_NUMBER: _ClassVar[int]
    review: Review
    def __init__(self, review: _Optional[_Union[Review, _Mapping]] = ...) -> None: ...

class InviteReviewerRequest(_message.Message):
    __slots__ = ("review_id", "invitation", "address")
    REVIEW_ID_FIELD_NUMBER: _ClassVar[int]
    INVITATION_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    review_id: str
    invitation: Invitation
    address: str
    def __init__(self, review_id: _Optional[str] = ..., invitation: _Optional[_Union[Invitation, _Mapping]] = ..., address: _Optional[str] = ...) -> None: ...

class InviteReviewerResponse(_message.Message):
    __slots__ = ("link", "fingerprint")
    LINK_FIELD_NUMBER: _ClassVar[int]
    FINGERPRINT_FIELD_NUMBER: _ClassVar[int]
    link: ReviewLink
    fingerprint: str
    def __init__(self, link: _Optional[_Union[ReviewLink, _Mapping]] = ..., fingerprint: _Optional[str] = ...) -> None: ...

class ListReviewsRequest(_message.Message):
    __slots__ = ("limit",)
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    limit: int
    def __init__(self, limit: _Optional[int] = ...) -> None: ...

class ListReviewsResponse(_message.Message):
    __slots__ = ("reviews",)
    REVIEWS_FIELD_NUMBER: _ClassVar[int]
    reviews: _containers.RepeatedCompositeFieldContainer[Review]
    def __init__(self, reviews: _Optional[_Iterable[_Union[Review, _Mapping]]] = ...) -> None: ...

class RevokeReviewRequest(_message.Message):
    __slots__ = ("review_id", "reviewer")
    REVIEW_ID_FIELD_NUMBER: _ClassVar[int]
    REVIEWER_FIELD_NUMBER: _ClassVar[int]
    review_id: str
    reviewer: int
    def __init__(self, review_id: _Optional[str] = ..., reviewer: _Optional[int] = ...) -> None: ...

class RevokeReviewResponse(_message.Message):
    __slots__ = ("review",)
    REVIEW_FIELD_NUMBER: _ClassVar[int]
    review: Review
    def __init__(self, review: _Optional[_Union[Review, _Mapping]] = ...) -> None: ...

class GetReviewRequest(_message.Message):
    __slots__ = ("review_id",)
    REVIEW_ID_FIELD_NUMBER: _ClassVar[int]
    review_id: str
    def __init__(self, review_id: _Optional[str] = ...) -> None: ...

class GetReviewResponse(_message.Message):
    __slots__ = ("review", "me")
    REVIEW_FIELD_NUMBER: _ClassVar[int]
    ME_FIELD_NUMBER: _ClassVar[int]
    review: Review
    me: Reviewer
    def __init__(self, review: _Optional[_Union[Review, _Mapping]] = ..., me: _Optional[_Union[Reviewer, _Mapping]] = ...) -> None: ...

class WatchReviewRequest(_message.Message):
    __slots__ = ("review_id", "after_seq")
    REVIEW_ID_FIELD_NUMBER: _ClassVar[int]
    AFTER_SEQ_FIELD_NUMBER: _ClassVar[int]
    review_id: str
    after_seq: int
    def __init__(self, review_id: _Optional[str] = ..., after_seq: _Optional[int] = ...) -> None: ...

class WatchReviewResponse(_message.Message):
    __slots__ = ("event",)
    EVENT_FIELD_NUMBER: _ClassVar[int]
    event: ReviewEvent
    def __init__(self, event: _Optional[_Union[ReviewEvent, _Mapping]] = ...) -> None: ...

class PollReviewRequest(_message.Message):
    __slots__ = ("review_id", "after_seq", "wait_ms")
    REVIEW_ID_FIELD_NUMBER: _ClassVar[int]
    AFTER_SEQ_FIELD_NUMBER: _ClassVar[int]
    WAIT_MS_FIELD_NUMBER: _ClassVar[int]
    review_id: str
    after_seq: int
    wait_ms: int
    def __init__(self, review_id: _Optional[str] = ..., after_seq: _Optional[int] = ..., wait_ms: _Optional[int] = ...) -> None: ...

class PollReviewResponse(_message.Message):
    __slots__ = ("events",)
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    events: _containers.RepeatedCompositeFieldContainer[ReviewEvent]
    def __init__(self, events: _Optional[_Iterable[_Union[ReviewEvent, _Mapping]]] = ...) -> None: ...

class Tile(_message.Message):
    __slots__ = ("column", "row")
    COLUMN_FIELD_NUMBER: _ClassVar[int]
    ROW_FIELD_NUMBER: _ClassVar[int]
    column: int
    row: int
    def __init__(self, column: _Optional[int] = ..., row: _Optional[int] = ...) -> None: ...

class ReadPictureRequest(_message.Message):
    __slots__ = ("review_id", "draft", "version", "side", "fit_px", "gamut", "tile")
    REVIEW_ID_FIELD_NUMBER: _ClassVar[int]
    DRAFT_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    FIT_PX_FIELD_NUMBER: _ClassVar[int]
    GAMUT_FIELD_NUMBER: _ClassVar[int]
    TILE_FIELD_NUMBER: _ClassVar[int]
    review_id: str
    draft: int
    version: int
    side: Side
    fit_px: int
    gamut: Gamut
    tile: Tile
    def __init__(self, review_id: _Optional[str] = ..., draft: _Optional[int] = ..., version: _Optional[int] = ..., side: _Optional[_Union[Side, str]] = ..., fit_px: _Optional[int] = ..., gamut: _Optional[_Union[Gamut, str]] = ..., tile: _Optional[_Union[Tile, _Mapping]] = ...) -> None: ...

class ReadPictureResponse(_message.Message):
    __slots__ = ("data", "media_type", "size")
    DATA_FIELD_NUMBER: _ClassVar[int]
    MEDIA_TYPE_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    data: bytes
    media_type: str
    size: _raster_pb2.Size
    def __init__(self, data: _Optional[bytes] = ..., media_type: _Optional[str] = ..., size: _Optional[_Union[_raster_pb2.Size, _Mapping]] = ...) -> None: ...

class AddPinRequest(_message.Message):
    __slots__ = ("review_id", "pin")
    REVIEW_ID_FIELD_NUMBER: _ClassVar[int]
    PIN_FIELD_NUMBER: _ClassVar[int]
    review_id: str
    pin: Pin
    def __init__(self, review_id: _Optional[str] = ..., pin: _Optional[_Union[Pin, _Mapping]] = ...) -> None: ...

class AddPinResponse(_message.Message):
    __slots__ = ("event",)
    EVENT_FIELD_NUMBER: _ClassVar[int]
    event: ReviewEvent
    def __init__(self, event: _Optional[_Union[ReviewEvent, _Mapping]] = ...) -> None: ...

class ResolvePinRequest(_message.Message):
    __slots__ = ("review_id", "pin_id", "is_resolved")
    REVIEW_ID_FIELD_NUMBER: _ClassVar[int]
    PIN_ID_FIELD_NUMBER: _ClassVar[int]
    IS_RESOLVED_FIELD_NUMBER: _ClassVar[int]
    review_id: str
    pin_id: str
    is_resolved: bool
    def __init__(self, review_id: _Optional[str] = ..., pin_id: _Optional[str] = ..., is_resolved: _Optional[bool] = ...) -> None: ...

class ResolvePinResponse(_message.Message):
    __slots__ = ("event",)
    EVENT_FIELD_NUMBER: _ClassVar[int]
    event: ReviewEvent
    def __init__(self, event: _Optional[_Union[ReviewEvent, _Mapping]] = ...) -> None: ...

class DecideRequest(_message.Message):
    __slots__ = ("review_id", "decision")
    REVIEW_ID_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    review_id: str
    decision: Decision
    def __init__(self, review_id: _Optional[str] = ..., decision: _Optional[_Union[Decision, _Mapping]] = ...) -> None: ...

class DecideResponse(_message.Message):
    __slots__ = ("event", "state")
    EVENT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    event: ReviewEvent
    state: DraftState
    def __init__(self, event: _Optional[_Union[ReviewEvent, _Mapping]] = ..., state: _Optional[_Union[DraftState, _Mapping]] = ...) -> None: ...
