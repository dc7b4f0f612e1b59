"""What each method asks of whoever calls it, in one table. A method that is not in it is closed to everybody but the owner."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from inlay.blobs import BlobStore
from inlay.errors import BlobMissing, Forbidden, NotFound
from inlay.jobs.queue import Jobs
from inlay.person import OWNER, Person, Principal, Role, Sight
from inlay.v1 import raster_pb2
from inlay.wire.contract import Method

Read = Callable[[str], memoryview]


@dataclass(frozen=True)
class Rule:
    """Of one method."""

    job: Sight | None = None
    """How much whoever calls has to see of the job that `job_id` names, if it names one. None: it names none."""
    pixels: bool = False
    """All rasters that it names have to be theirs; those of other methods are looked at where they are read."""
    owner: bool = False
    """Nobody but the owner may."""
    admin: bool = False
    """Nobody but an admin, or the owner, may."""
    noted: bool = False
    """Whether it is written into the audit log."""


RULES: Mapping[str, Rule] = {
    "GetServerInfo": Rule(),
    "ListModels": Rule(),
    "DescribeVerbs": Rule(),
    "DescribeSetup": Rule(),
    "PlanEdit": Rule(),
    "HasBlobs": Rule(),
    "PutBlob": Rule(),
    "GetBlob": Rule(noted=True),
    "ReadBlob": Rule(noted=True),
    "SubmitEdit": Rule(noted=True),
    "WatchJob": Rule(job=Sight.OUTLINE),
    "PollJob": Rule(job=Sight.OUTLINE),
    "ListJobs": Rule(),
    "CancelJob": Rule(job=Sight.OUTLINE, noted=True),
    "ListHistory": Rule(),
    "RateVariation": Rule(job=Sight.WHOLE, noted=True),
    "DescribeResult": Rule(job=Sight.WHOLE),
    "FinishVariation": Rule(noted=True),
    "MarkDocument": Rule(job=Sight.WHOLE),
    "CompareResults": Rule(),
    "LocateSource": Rule(),
    "ProbeRegion": Rule(pixels=True),
    "ListStyles": Rule(),
    "SaveStyle": Rule(job=Sight.WHOLE, noted=True),
    "CheckBrand": Rule(pixels=True),
    "CarryMask": Rule(pixels=True),
    "FrameFormats": Rule(),
    "ProbeStream": Rule(),
    "RequestPairing": Rule(),
    "AwaitPairing": Rule(),
    "ListPairings": Rule(admin=True),
    "DecidePairing": Rule(admin=True, noted=True),
    "JoinCluster": Rule(owner=True),
    "CreateReview": Rule(noted=True),
    "AddVersion": Rule(noted=True),
    "InviteReviewer": Rule(noted=True),
    "ListReviews": Rule(),
    "RevokeReview": Rule(noted=True),
    "GetReview": Rule(),
    "WatchReview": Rule(),
    "PollReview": Rule(),
    "ReadPicture": Rule(),
    "AddPin": Rule(noted=True),
    "ResolvePin": Rule(noted=True),
    "Decide": Rule(noted=True),
}


class Holdings:
    """Which jobs and blobs are whose."""

    def __init__(self, jobs: Jobs, blobs: BlobStore) -> None:
        self._jobs = jobs
        self._blobs = blobs

    def check(self, method: Method, request: Any, principal: Principal) -> None:
        """Raise Forbidden, NotFound, BlobMissing where the method's rule lets this call not through."""
        rule = RULES.get(method.name)
        if rule is None or rule.owner:
            if principal.person != OWNER:
                raise Forbidden(f"{method.name} is for the owner of the server only", field="authorization")
            return
        if rule.admin and principal.person.role is not Role.ADMIN:
            raise Forbidden(f"{method.name} is for admins only", field="authorization")
        if rule.job is not None and request.job_id:
            self.sight(principal.person, request.job_id, rule.job)
        if rule.pixels:
            self.needs(principal.person, [*named_blobs(request)])

    def sight(self, person: Person, job_id: str, least: Sight = Sight.OUTLINE) -> Sight:
        """How much somebody sees of a job. Raises NotFound where that is less than `least`, as for a job that is not there."""
        sight = person.sight(*self._jobs.journal.owners.of_job(job_id))
        if sight < least:
            raise NotFound("job", job_id, field="job_id")
        return sight

    def needs(self, person: Person, names: Collection[str]) -> None:
        """Raise BlobMissing for a blob that somebody has not, as for one that is not there."""
        held = self._jobs.journal.owners.held(person, names)
        for name in names:
            if name not in held:
                raise BlobMissing(name)

    def reader(self, person: Person, names: Iterable[str]) -> Read:
        """Reads those of `names` that somebody has, in any thread; raises BlobMissing for anything else."""
        held = self._jobs.journal.owners.held(person, [*names])

        def read(sha256: str) -> memoryview:
            if sha256 not in held:
                raise BlobMissing(sha256)
            return self._blobs.read(sha256)

        return read


def named_blobs(message: Message) -> Iterator[str]:
    """The blobs of all rasters anywhere in a message."""
    if isinstance(message, raster_pb2.Raster):
        yield message.blob
        return
    for field, value in message.ListFields():
        kind = field.message_type
        if field.type != FieldDescriptor.TYPE_MESSAGE or kind is None:
            continue
        if kind.GetOptions().map_entry:
            parts = value.values() if kind.fields_by_name["value"].message_type else ()
        else:
            parts = value if field.is_repeated else (value,)
        for part in parts:
            yield from named_blobs(part)
