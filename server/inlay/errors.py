"""What can go wrong, as types with the facts in them; `inlay.statuses` turns them into status codes at one place.

InlayError
├── InvalidInput            a field is outside its limit
│   └── UnknownProfile      a colour profile that is none
├── Unsupported             understood, but nothing here can do it
├── NotFound                no such job, model, variation
├── BlobMissing             a recipe's pixels are not here
├── BlobCorrupt             bytes that do not have their hash
├── BlobOffset              a chunk that does not continue
├── QuotaExceeded           no room, or too many of something
│   └── OverLimit           more than a person, or everybody, may have; come back later
├── StorageFull             the disk has no room
├── JobConflict             a job id with another recipe
├── StyleConflict           a style that somebody else has changed, or that there is already
├── JobFailed               (client) an accepted edit that could not be finished
├── FilesChanged            a model's files are not those that were added
├── Declined                another server refuses what it was asked
├── BadAnswer               another server's answer is none, or another picture
├── MayBeBilled             a call that costs money broke off, and is not made again
├── Cancelled               the job was taken back
├── WorkerDied              the worker process died under the job
├── Unauthenticated         no token, or a wrong one
├── Forbidden               a token that is good, but not for this
└── Unavailable             no server, or none that answers
    ├── Hindered            something outside keeps the server from its work
    │   └── NotStarted      a worker could not be started
    └── LineDropped         (client.line) the connection broke; try again
"""

from collections.abc import Sequence

MAX_SHOWN = 120
"""Characters of a value that an error repeats; who sent more knows the rest, and a status has to fit into a header."""


class InlayError(Exception):
    """The root of every error that Inlay raises on purpose. `field` names what the caller has to change, if anything."""

    request = ""
    """In a client: the id under which the server's log tells more, where a server refused."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class InvalidInput(InlayError):
    """A field holds a value outside its limit."""

    def __init__(self, field: str, value: object, limit: str) -> None:
        super().__init__(f"{field} is {clipped(value)}; {limit}", field=field)
        self.value = clipped(value) if isinstance(value, str) else value
        self.limit = limit


class UnknownProfile(InvalidInput):
    """A colour profile that is neither known by name nor given as readable ICC bytes."""


class Unsupported(InlayError):
    """Understood, but nothing here can do it: a colour model, a verb without an engine. The message says what to do."""


class NotFound(InlayError):
    """A job, a model or a variation of that name does not exist."""

    def __init__(self, kind: str, name: str, *, field: str = "", hint: str = "") -> None:
        name = clipped(name)
        super().__init__(f"{kind} {name!r} does not exist" + (f"; {hint}" if hint else ""), field=field)
        self.kind = kind
        self.name = name


class BlobMissing(InlayError):
    """A recipe names blobs that have not arrived (or were evicted); put them and submit again."""

    def __init__(self, sha256: str, *, field: str = "blob") -> None:
        sha256 = clipped(sha256)
        super().__init__(f"{field} {sha256} is not in the store; put it first", field=field)
        self.sha256 = sha256


class BlobCorrupt(InlayError):
    """The bytes that arrived do not have the promised SHA-256 (or length); nothing was stored."""


class BlobOffset(InlayError):
    """A chunk does not continue where the partial blob ends; resume at `expected`."""

    def __init__(self, sha256: str, offset: int, expected: int) -> None:
        super().__init__(f"offset is {offset}; blob {sha256} continues at {expected}", field="offset")
        self.expected = expected


class QuotaExceeded(InlayError):
    """The blob store is full of pixels that unfinished or unfetched jobs still need."""


class OverLimit(QuotaExceeded):
    """One of the server's limits on what waits or was used is reached; after `retry_s` seconds it is worth another try;
    None: nobody knows."""

    def __init__(self, limit: str, message: str, retry_s: float | None) -> None:
        super().__init__(message)
        self.limit = limit
        self.retry_s = retry_s


class StorageFull(InlayError):
    """The disk under the data folder is full; what was accepted waits for room."""

    def __init__(self) -> None:
        super().__init__(
            "the disk under the server's data folder is full; accepted jobs wait and go on once there is room"
        )


class JobConflict(InlayError):
    """The job id is taken by another recipe."""

    def __init__(self, job_id: str) -> None:
        super().__init__(f"job_id {job_id} was submitted with another recipe; choose a new id", field="job_id")
        self.job_id = job_id


class StyleConflict(InlayError):
    """A style of that id is there already, or is another by now; `sha256` is its version, empty where it is gone."""

    def __init__(self, style: str, sha256: str) -> None:
        why = "is there already, as another version" if sha256 else "is not there any more"
        super().__init__(
            f"style {clipped(style)!r} {why}; choose another name, or look at it and save again", field="style"
        )
        self.style = style
        self.sha256 = sha256


class FilesChanged(InlayError):
    """The files of a model are not those that were added."""

    def __init__(self, model: str, names: Sequence[str], what: str) -> None:
        listed = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        super().__init__(f"model {model!r}: {listed} {what}; add it again with `inlay models add`", field="model")
        self.model = model
        self.names = tuple(names)


class JobFailed(InlayError):
    """The server accepted the edit and could not finish it; `code` is the status it failed with."""

    def __init__(self, job_id: str, code: str, message: str, *, field: str = "") -> None:
        super().__init__(f"job {job_id} failed ({code}): {message}", field=field)
        self.job_id = job_id
        self.code = code


class Declined(InlayError):
    """Another server refuses what it was asked, and says why: its rules, its key, its limits."""


class BadAnswer(InlayError):
    """Another server answered with something that is no picture, or with a picture of something else; nothing of it is used."""


class MayBeBilled(InlayError):
    """A call that costs money was under way when it broke off: it may have been billed, and is never made a second time."""

    def __init__(self, to: str, how: str) -> None:
        super().__init__(
            f"{to} was asked for a picture and {how}: it may have been billed, so it is not asked again by itself; "
            "run the edit again to ask anew"
        )


class Cancelled(InlayError):
    """The client took the job back."""

    def __init__(self, message: str = "cancelled by the client") -> None:
        super().__init__(message)


class WorkerDied(InlayError):
    """The worker process died under this job, twice."""


class Unauthenticated(InlayError):
    """No token, or not the right one."""


class Forbidden(InlayError):
    """The token is good, but not for this."""


class Unavailable(InlayError):
    """The server cannot be reached, or does not answer as an Inlay server."""


class Hindered(Unavailable):
    """Something outside keeps the server from its work, and passes: a journal that another process has locked, for one."""


class NotStarted(Hindered):
    """A worker could not be started, or ended before it had the job; no job is to blame."""


def clipped(value: object) -> str:
    """`value` as text that fits into a sentence: its first MAX_SHOWN characters, and how many there are in all."""
    text = str(value)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}… ({len(text)} characters)"
