"""What can go wrong, as types with the facts in them; `inlay.statuses` turns them into status codes at one place."""


class InlayError(Exception):
    """The root of every error that Inlay raises on purpose. `field` names what the caller has to change, if anything."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class InvalidInput(InlayError):
    """A field holds a value outside its limit."""

    def __init__(self, field: str, value: object, limit: str) -> None:
        super().__init__(f"{field} is {value}; {limit}", field=field)
        self.value = value
        self.limit = limit


class UnknownProfile(InvalidInput):
    """A colour profile that is neither known by name nor given as readable ICC bytes."""


class Unsupported(InlayError):
    """Understood, but nothing here can do it: a colour model, a verb without an engine. The message says what to do."""


class NotFound(InlayError):
    """A job, a model or a variation of that name does not exist."""

    def __init__(self, kind: str, name: str, *, field: str = "", hint: str = "") -> None:
        super().__init__(f"{kind} {name!r} does not exist" + (f"; {hint}" if hint else ""), field=field)
        self.kind = kind
        self.name = name


class BlobMissing(InlayError):
    """A recipe names blobs that have not arrived (or were evicted); put them and submit again."""

    def __init__(self, sha256: str, *, field: str = "blob") -> None:
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


class Cancelled(InlayError):
    """The client took the job back."""

    def __init__(self, message: str = "cancelled by the client") -> None:
        super().__init__(message)


class WorkerDied(InlayError):
    """The worker process died under this job, twice."""


class Unauthenticated(InlayError):
    """No token, or not the right one."""


class Unavailable(InlayError):
    """The server cannot be reached, or does not answer as an Inlay server."""


class Hindered(Unavailable):
    """Something outside keeps the server from its work, and passes: a journal that another process has locked, for one."""


class NotStarted(Hindered):
    """A worker could not be started, or ended before it had the job; no job is to blame."""
