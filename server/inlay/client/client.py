"""The Python client: an Inlay server's calls as methods on plain values, over a line that may drop and come back."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType, TracebackType

from inlay.capabilities import Capabilities
from inlay.client import local, paired
from inlay.client.answers import BrandReading, CarriedMask, EditPlan, FramedFormat, Reading, ServerInfo, Upload
from inlay.client.line import Line, LineDropped
from inlay.client.pairings import Pairings
from inlay.client.retrying import CALL_TIMEOUT_S, Retrying
from inlay.client.reviews import Reviews
from inlay.client.transfers import OnProgress, Transfers
from inlay.color.raster import Raster
from inlay.config import data_dir
from inlay.events import LAST, Event
from inlay.form import Description
from inlay.job import NOTHING_SAID, HistoryEntry, Job, Rating, Ticket
from inlay.memory import Relation, ResultMemory
from inlay.node import Versions
from inlay.recipe import NamedColor, Option, Recipe, Style, Tier, Where, Words
from inlay.region import Rect, Size
from inlay.v1 import cluster_pb2, history_pb2, memory_pb2, production_pb2, raster_pb2, recipe_pb2, style_pb2, verbs_pb2
from inlay.v1 import inlay_pb2 as messages
from inlay.wire.codec import from_message, to_message
from inlay.wire.models import model_from
from inlay.wire.requests import (
    CarryQuestion,
    Compared,
    Comparing,
    Finishing,
    FormatsQuestion,
    PlanQuestion,
    ProbeQuestion,
    Rated,
)

PATIENCE_S = 60.0
"""A server that restarts, or a laptop that changes networks, is back within this time."""


class Client:
    """An Inlay server at `address` (HOST or HOST:PORT of its gRPC door). Safe to share between threads.

    token: what the server asks for; empty for one of this user on this machine, whose data folder holds it.
    ca: the PEM certificate that the server shows, or that signed it, as bytes or a file; without one the system's
    authorities are trusted, and on this machine plain text is spoken.
    patience_s: how long to go on trying after the line dropped; a server that never answered is not waited for.

    Every method raises what the server raised, as the types of `inlay.errors`, and Unavailable where there is no server.
    """

    def __init__(
        self, address: str, *, token: str = "", ca: bytes | Path | None = None, patience_s: float = PATIENCE_S
    ) -> None:
        if not token and (here := local.find_at(address, data_dir())):
            token, ca = here.token, ca or here.ca
        elif not token and (let_in := paired.known(address, data_dir())):
            token, ca = let_in.token, ca or let_in.ca
        self._line = Line(address, token, ca)
        self._retrying = Retrying(self._line, patience_s)
        self._retried = self._retrying.call
        self._transfers = Transfers(self._line, self._retrying)

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def address(self) -> str:
        """HOST:PORT."""
        return self._line.address

    @property
    def reviews(self) -> Reviews:
        """The reviews there."""
        return Reviews(partial(self._line.call, timeout_s=CALL_TIMEOUT_S), self._retried)

    @property
    def pairings(self) -> Pairings:
        """The machines that ask to be let in there."""
        return Pairings(partial(self._line.call, timeout_s=CALL_TIMEOUT_S))

    def close(self) -> None:
        """Let go of the line; calls that run end with Cancelled."""
        self._line.close()

    def info(self) -> ServerInfo:
        """Who answers."""
        answer = self._line.call("GetServerInfo", messages.GetServerInfoRequest(), CALL_TIMEOUT_S)
        return from_message(ServerInfo, answer)

    def join_cluster(self, name: str, versions: Versions, models: Mapping[str, str]) -> tuple[str, str]:
        """The address of the server's Ray cluster, and the token that it asks for, for a machine that has all that the server has.

        models: SHA-256 by id. Raises Unsupported, saying what is missing or another.
        """
        request = cluster_pb2.JoinClusterRequest(
            name=name,
            version=versions.inlay,
            python=versions.python,
            ray=versions.ray,
            models=[cluster_pb2.NodeModel(id=one, sha256=sha256) for one, sha256 in models.items()],
        )
        answer = self._line.call("JoinCluster", request, CALL_TIMEOUT_S)
        return str(answer.address), str(answer.token)

    def models(self) -> list[Capabilities]:
        """What can paint there, the preferred ones first."""
        answer = self._line.call("ListModels", messages.ListModelsRequest(), CALL_TIMEOUT_S)
        return [model_from(model) for model in answer.models]

    def waiting(self, locale: str = "") -> list[tuple[str, str, str]]:
        """The models there that are not ready: id, family, and why, with the cure."""
        answer = self._line.call("ListModels", messages.ListModelsRequest(locale=locale), CALL_TIMEOUT_S)
        return [(model.id, model.family, model.cure) for model in answer.waiting]

    def describe(self, locale: str = "") -> Description:
        """What can be asked for there, as forms, and a panel's words in a language."""
        request = verbs_pb2.DescribeVerbsRequest(locale=locale, has_timeline=True)
        return from_message(Description, self._line.call("DescribeVerbs", request, CALL_TIMEOUT_S))

    def plan(
        self,
        document: Size,
        region: Rect,
        verb: str,
        *,
        tier: Tier = Tier.STANDARD,
        model: str = "",
        context_px: int = 0,
        grow_px: int = 0,
        feather_px: int = 0,
        count: int = 1,
        prompted: bool = False,
        references: Sequence[Size] = (),
        words: Words | None = None,
        style: str = "",
        options: Mapping[str, Option] = MappingProxyType({}),
    ) -> EditPlan:
        """What to capture for an edit of `region`, as `inlay.edit.plan` proposes it, and what would be told of `words`.

        options: the recipe's; how long a clip is decides how long it takes.
        """
        question = PlanQuestion(
            document,
            region,
            verb,
            tier,
            model,
            context_px,
            grow_px,
            feather_px,
            count,
            prompted,
            references=tuple(references),
            words=words,
            style=style,
            options=options,
        )
        answer = self._retried("PlanEdit", to_message(question, messages.PlanEditRequest))
        return from_message(EditPlan, answer)

    def styles(self) -> list[Style]:
        """The studio's styles, with all their values."""
        answer = self._retried("ListStyles", style_pb2.ListStylesRequest())
        return [from_message(Style, style) for style in answer.styles]

    def save_style(self, style: Style, *, job_id: str = "", replaces: str = "") -> Style:
        """Keep a style for everybody; what it leaves empty is as in a job's recipe. replaces: the version that goes for it.

        Never sent twice by itself: the second time the style would be there already.
        """
        request = style_pb2.SaveStyleRequest(
            style=to_message(style, recipe_pb2.Style), job_id=job_id, replaces=replaces
        )
        answer = self._line.call("SaveStyle", request, CALL_TIMEOUT_S)
        return from_message(Style, answer.style)

    def upload(self, data: bytes | memoryview, on_progress: OnProgress | None = None) -> Upload:
        """Bring `data` to the server: nothing if it is there, else from where it stopped the last time."""
        return self._transfers.upload(data, on_progress)

    def lacking(self, blobs: Collection[str]) -> set[str]:
        """Which of these blobs, each named by its SHA-256, are not at the server."""
        return self._transfers.lacking(blobs)

    def fetch(self, sha256: str, on_progress: OnProgress | None = None) -> bytes:
        """A blob's bytes, verified. Resumes where the line dropped. Raises BlobMissing, BlobCorrupt."""
        return self._transfers.fetch(sha256, on_progress)

    def submit(self, job_id: str, recipe: Recipe, ticket: Ticket = NOTHING_SAID) -> Job:
        """Hand in an edit under an id (a UUID) of the caller's choice; doing it again is harmless."""
        request = messages.SubmitEditRequest(
            job_id=job_id,
            recipe=to_message(recipe, recipe_pb2.Recipe),
            label=ticket.label,
            lane=ticket.lane or "",
            parent=ticket.parent,
            batch=ticket.batch,
            no_hints=not ticket.hints,
        )
        return from_message(Job, self._retried("SubmitEdit", request).job, "job")

    def memories(self, job_id: str, locale: str = "") -> tuple[ResultMemory, ...]:
        """What the layers of a job are to remember, one for each of its variations that is a patch. Raises NotFound."""
        request = memory_pb2.DescribeResultRequest(job_id=job_id, locale=locale)
        answer = self._retried("DescribeResult", request)
        return tuple(from_message(ResultMemory, memory) for memory in answer.memories)

    def finish(
        self,
        job_id: str,
        memory: ResultMemory,
        *,
        pixels: Raster | None = None,
        source: Raster | None = None,
        tier: Tier = Tier.FINAL,
        model: str = "",
        label: str = "",
    ) -> Job:
        """Have a draft painted in earnest, under an id of the caller's choice: what `memory` is of, at a higher tier.

        pixels: what its layer shows now, over the whole patch; source: what lies below it now. Both None: as they were.
        """
        asked = Finishing(job_id, memory, pixels, source, tier, model, label)
        request = to_message(asked, memory_pb2.FinishVariationRequest)
        return from_message(Job, self._retried("FinishVariation", request).job, "job")

    def compare(self, verb: str, where: Where, memories: Sequence[ResultMemory]) -> tuple[Relation, ...]:
        """How results that are in a document stand to an edit of it, in the order of their memories."""
        asked = Comparing(verb, where, tuple(memories))
        answer = self._retried("CompareResults", to_message(asked, memory_pb2.CompareResultsRequest))
        return from_message(Compared, answer).relations

    def watch(self, job_id: str, after_seq: int = 0) -> Iterator[Event]:
        """Every event of a job after number `after_seq`, once and in order, to its last one; between them that it waits, and
        why, where something keeps the server from its work.

        Comes back after dropped lines and restarts of the server; raises Unavailable once patience ends.
        """
        patience = self._retrying.patience()
        while True:
            try:
                request = messages.WatchJobRequest(job_id=job_id, after_seq=after_seq)
                for message in self._line.stream("WatchJob", request):
                    patience.renew()
                    if message.event.seq <= after_seq and not message.event.queued.why:
                        continue
                    after_seq = message.event.seq
                    if message.event.WhichOneof("happening") is None:
                        continue  # of a later contract
                    event = from_message(Event, message.event, "event")
                    yield event
                    if isinstance(event.happening, LAST):
                        return
                patience.wait(LineDropped(f"{self.address} ended the stream of job {job_id} before the job"))
            except LineDropped as error:
                patience.wait(error)

    def poll(self, job_id: str, after_seq: int = 0, wait_s: float = 0.0) -> list[Event]:
        """The events after number `after_seq`; waits up to `wait_s` (at most 30 s) for the first one."""
        request = messages.PollJobRequest(job_id=job_id, after_seq=after_seq, wait_ms=round(wait_s * 1000))
        answer = self._retried("PollJob", request, CALL_TIMEOUT_S + wait_s)
        return [from_message(Event, event, "event") for event in answer.events if event.WhichOneof("happening")]

    def cancel(self, job_id: str) -> Job:
        """Take a job back; the job as it stands after that."""
        return from_message(Job, self._retried("CancelJob", messages.CancelJobRequest(job_id=job_id)).job, "job")

    def jobs(
        self, label: str = "", limit: int = 100, unfetched_only: bool = False, batch: str = "", after: str = ""
    ) -> list[Job]:
        """Jobs, newest first: those with `label` or of `batch` (all where it is empty), or only those nobody fetched.

        after: the id of a job: those that were submitted before it.
        """
        found: list[Job] = []
        while True:
            request = messages.ListJobsRequest(
                label=label, limit=limit - len(found), unfetched_only=unfetched_only, batch=batch, after=after
            )
            answer = self._line.call("ListJobs", request, CALL_TIMEOUT_S)
            found += (from_message(Job, job, "job") for job in answer.jobs)
            after = answer.next
            if not after or len(found) >= limit:
                return found

    def history(
        self, label: str = "", search: str = "", cursor: str = "", limit: int = 30, locale: str = ""
    ) -> tuple[list[HistoryEntry], str]:
        """What was made, newest first, and the cursor for what follows, empty where nothing does.

        label: only for this one. search: words that each have to be in an entry. limit: at most so many, 1 .. 100.
        """
        request = history_pb2.ListHistoryRequest(label=label, search=search, cursor=cursor, limit=limit, locale=locale)
        answer = self._retried("ListHistory", request)
        return [from_message(HistoryEntry, entry, "entry") for entry in answer.entries], answer.next

    def rate(self, job_id: str, variation: int, rating: Rating) -> None:
        """Tell what the retoucher did with a variation; the last judgement counts. Raises NotFound."""
        rated = to_message(Rated(job_id, variation, rating), messages.RateVariationRequest)
        self._retried("RateVariation", rated)

    def probe(self, source: Raster, mask: Raster, target_color: str = "") -> Reading:
        """What colour pixels that were uploaded have, and how far it is from a target; mask: one channel, the same size."""
        request = to_message(ProbeQuestion(source, mask, target_color), messages.ProbeRegionRequest)
        return from_message(Reading, self._retried("ProbeRegion", request))

    def check_brand(
        self, source: Raster, mask: Raster | None = None, *, style: str = "", colors: Sequence[NamedColor] = ()
    ) -> BrandReading:
        """How pixels that were uploaded keep to the colours of a style, or to `colors`. mask: None: all of them."""
        request = style_pb2.CheckBrandRequest(
            source=to_message(source, raster_pb2.Raster),
            mask=to_message(mask, raster_pb2.Raster) if mask else None,
            style=style,
            colors=[to_message(one, recipe_pb2.NamedColor) for one in colors],
        )
        return from_message(BrandReading, self._retried("CheckBrand", request))

    def carry_mask(
        self, master: Raster, master_size: Size, region: Rect, mask: Raster, sibling: Raster, sibling_size: Size
    ) -> CarriedMask:
        """Where a mask of one picture lies in another; all were uploaded, pictures maybe smaller than their documents, which have
        these sizes. region: the mask's, in the master's document.
        """
        asked = CarryQuestion(master, master_size, region, mask, sibling, sibling_size)
        request = to_message(asked, production_pb2.CarryMaskRequest)
        return from_message(CarriedMask, self._retried("CarryMask", request))

    def frame_formats(
        self, document: Size, focus: Rect | None = None, formats: Sequence[str] = ()
    ) -> tuple[FramedFormat, ...]:
        """Which part of a document formats show, as `inlay formats` has them; none named: all of the platforms'."""
        request = to_message(FormatsQuestion(document, focus, tuple(formats)), production_pb2.FrameFormatsRequest)
        answer = self._retried("FrameFormats", request)
        return tuple(from_message(FramedFormat, one) for one in answer.formats)

    def probe_stream(self, count: int, interval_ms: int) -> Iterator[int]:
        """`count` numbers from 1 on, `interval_ms` apart: whether streams get through."""
        request = messages.ProbeStreamRequest(count=count, interval_ms=interval_ms)
        return (message.index for message in self._line.stream("ProbeStream", request))
