from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RequestPairingRequest(_message.Message):
    __slots__ = ("name", "machine", "commitment")
    NAME_FIELD_NUMBER: _ClassVar[int]
    MACHINE_FIELD_NUMBER: _ClassVar[int]
    COMMITMENT_FIELD_NUMBER: _ClassVar[int]
    name: str
    machine: str
    commitment: bytes
    def __init__(self, name: _Optional[str] = ..., machine: _Optional[str] = ..., commitment: _Optional[bytes] = ...) -> None: ...

class RequestPairingResponse(_message.Message):
    __slots__ = ("pairing_id", "nonce", "certificate_sha256", "good_ms")
    PAIRING_ID_FIELD_NUMBER: _ClassVar[int]
    NONCE_FIELD_NUMBER: _ClassVar[int]
    CERTIFICATE_SHA256_FIELD_NUMBER: _ClassVar[int]
    GOOD_MS_FIELD_NUMBER: _ClassVar[int]
    pairing_id: str
    nonce: bytes
    certificate_sha256: bytes
    good_ms: int
    def __init__(self, pairing_id: _Optional[str] = ..., nonce: _Optional[bytes] = ..., certificate_sha256: _Optional[bytes] = ..., good_ms: _Optional[int] = ...) -> None: ...

class AwaitPairingRequest(_message.Message):
    __slots__ = ("pairing_id", "nonce", "wait_ms")
    PAIRING_ID_FIELD_NUMBER: _ClassVar[int]
    NONCE_FIELD_NUMBER: _ClassVar[int]
    WAIT_MS_FIELD_NUMBER: _ClassVar[int]
    pairing_id: str
    nonce: bytes
    wait_ms: int
    def __init__(self, pairing_id: _Optional[str] = ..., nonce: _Optional[bytes] = ..., wait_ms: _Optional[int] = ...) -> None: ...

class AwaitPairingResponse(_message.Message):
    __slots__ = ("token", "person")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    token: str
    person: str
    def __init__(self, token: _Optional[str] = ..., person: _Optional[str] = ...) -> None: ...

class ListPairingsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Pairing(_message.Message):
    __slots__ = ("name", "machine", "came_from", "words", "good_ms")
    NAME_FIELD_NUMBER: _ClassVar[int]
    MACHINE_FIELD_NUMBER: _ClassVar[int]
    CAME_FROM_FIELD_NUMBER: _ClassVar[int]
    WORDS_FIELD_NUMBER: _ClassVar[int]
    GOOD_MS_FIELD_NUMBER: _ClassVar[int]
    name: str
    machine: str
    came_from: str
    words: str
    good_ms: int
    def __init__(self, name: _Optional[str] = ..., machine: _Optional[str] = ..., came_from: _Optional[str] = ..., words: _Optional[str] = ..., good_ms: _Optional[int] = ...) -> None: ...

class ListPairingsResponse(_message.Message):
    __slots__ = ("pairings",)
    PAIRINGS_FIELD_NUMBER: _ClassVar[int]
    pairings: _containers.RepeatedCompositeFieldContainer[Pairing]
    def __init__(self, pairings: _Optional[_Iterable[_Union[Pairing, _Mapping]]] = ...) -> None: ...

class DecidePairingRequest(_message.Message):
    __slots__ = ("words", "accept", "name", "role", "projects", "expires_days", "known")
    WORDS_FIELD_NUMBER: _ClassVar[int]
    ACCEPT_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    PROJECTS_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_DAYS_FIELD_NUMBER: _ClassVar[int]
    KNOWN_FIELD_NUMBER: _ClassVar[int]
    words: str
    accept: bool
    name: str
    role: str
    projects: _containers.RepeatedScalarFieldContainer[str]
    expires_days: int
    known: bool
    def __init__(self, words: _Optional[str] = ..., accept: _Optional[bool] = ..., name: _Optional[str] = ..., role: _Optional[str] = ..., projects: _Optional[_Iterable[str]] = ..., expires_days: _Optional[int] = ..., known: _Optional[bool] = ...) -> None: ...

class DecidePairingResponse(_message.Message):
    __slots__ = ("pairing", "person")
    PAIRING_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    pairing: Pairing
    person: str
    def __init__(self, pairing: _Optional[_Union[Pairing, _Mapping]] = ..., person: _Optional[str] = ...) -> None: ...
