"""The service, once: what both doors answer. It knows the contract's messages and no door."""

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import inlay
from inlay import config
from inlay.blobs import MAX_CHUNK_BYTES, BlobStore
from inlay.edit.earlier import relation_of
from inlay.edit.finish import final_of
from inlay.edit.plan import plan
from inlay.engines.models.catalog import Catalog
from inlay.engines.models.setup import look
from inlay.errors import InvalidInput, QuotaExceeded
from inlay.events import Done, Event, Failed, JobCancelled
from inlay.forms import Catalogue, Forms
from inlay.forms.sentences import cost_of
from inlay.forms.setup import sections_of
from inlay.job import JobState, Ticket
from inlay.jobs.history import Sought
from inlay.jobs.queue import Jobs
from inlay.jobs.reviewing import Reviews
from inlay.memory import Relation
from inlay.person import Sight
from inlay.recipe import Recipe
from inlay.rpc.blobs import BlobCalls
from inlay.rpc.context import Context
from inlay.rpc.in_flight import InFlight
from inlay.rpc.joining import ClusterCalls
from inlay.rpc.language import first_of
from inlay.rpc.leaving import leaving_to
from inlay.rpc.locating import located
from inlay.rpc.noting import Notes
from inlay.rpc.pairing import PairingCalls
from inlay.rpc.probing import ProbeCalls
from inlay.rpc.production import ProductionCalls
from inlay.rpc.results import OUTLINED, marked, memories_of, named, remembered, translated
from inlay.rpc.reviewing import ReviewCalls
from inlay.rpc.rules import RULES, Holdings, named_blobs
from inlay.rpc.shared import SharedMessages
from inlay.rpc.styling import StyleCalls
from inlay.rpc.texts import check_texts
from inlay.v1 import history_pb2, job_pb2, memory_pb2, raster_pb2, setup_pb2, verbs_pb2
from inlay.v1 import inlay_pb2 as messages
from inlay.wire.codec import from_message, number_of, to_message
from inlay.wire.contract import PROTOCOL, REVIEW_SERVICE, Method
from inlay.wire.models import model_to
from inlay.wire.requests import Comparing, Finishing, Locating, PlanQuestion, Rated, ticket_from

MAX_WAIT_MS = 30_000
DEFAULT_LISTED = 100
DEFAULT_REMEMBERED = 30
MAX_WATCHERS = 64
"""Of one job: each event is sent to each of them, and everybody else waits meanwhile."""

MAX_SEQ = 2**63 - 1
"""What SQLite holds."""

ANSWER_BYTES = 4 * 2**20
"""An answer to PollJob or ListJobs holds no further event or job beyond this; the client asks again for the rest."""

ANSWER_MARGIN_S = 0.1
"""A poll answers this long before its caller's deadline, so that what happened is not lost to it."""


_log = logging.getLogger(__name__)


class Service(BlobCalls, StyleCalls, ProductionCalls, ClusterCalls, ProbeCalls, PairingCalls):
    """One method for each of the contract's, named alike; streams are asynchronous generators.

    name: this machine's, for people. profiles: known without ICC bytes. cluster: HOST:PORT of the head of the Ray cluster that
    helps; empty where none does.
    Raises `inlay.errors`; the doors turn them into statuses.
    """

    forms = Forms()
    """What can be asked for."""

    def __init__(
        self, jobs: Jobs, blobs: BlobStore, *, name: str, profiles: tuple[str, ...], cluster: str = ""
    ) -> None:
        self._jobs = jobs
        self._blobs = blobs
        self._name = name
        self._profiles = profiles
        self._cluster = cluster
        self._watching: Counter[str] = Counter()
        self._shared = SharedMessages()
        self.holdings = Holdings(jobs, blobs)
        """What is whose."""
        self.reviews = ReviewCalls(Reviews(jobs), self.forms)
        """What answers the service of reviews."""
        self.notes = Notes(jobs, self.reviews.reviews)
        """The audit log."""
        self.in_flight = InFlight()
        """The doors hold each unary request in it while it is answered."""

    def implementation(self, method: Method) -> Any:
        """What answers a method of either service, for who may have it answered."""
        found = getattr(self.reviews if method.service == REVIEW_SERVICE else self, method.attribute)
        is_noted = method.name in RULES and RULES[method.name].noted

        async def checked(request: Any, context: Context) -> Any:
            check_texts(request)
            self.holdings.check(method, request, context.principal)
            return await found(request, context)

        async def answer(request: Any, context: Context) -> Any:
            if not is_noted:
                return await checked(request, context)
            return await self.notes.answer(method, request, context, lambda: checked(request, context))

        async def stream(request: Any, context: Context) -> AsyncIterator[Any]:
            with self.notes.streaming(method, request, context, is_noted=is_noted) as sent:
                check_texts(request)
                self.holdings.check(method, request, context.principal)
                async with contextlib.aclosing(found(request, context)) as streamed:
                    async for message in streamed:
                        sent()
                        yield message

        return stream if method.streams else answer

    async def get_server_info(
        self, request: messages.GetServerInfoRequest, context: Context
    ) -> messages.GetServerInfoResponse:
        return messages.GetServerInfoResponse(
            version=inlay.__version__,
            protocol=PROTOCOL,
            name=self._name,
            devices=self._jobs.devices,
            profiles=self._profiles,
            max_chunk_bytes=MAX_CHUNK_BYTES,
            styles=self._jobs.styles.state,
        )

    async def list_models(self, request: messages.ListModelsRequest, context: Context) -> messages.ListModelsResponse:
        registry, words = self._jobs.registry, self._words(request.locale)
        # Headers are read, and once a card's driver is asked.
        ready, waiting = await asyncio.to_thread(lambda: (registry.available(), registry.waiting()))
        return messages.ListModelsResponse(
            models=[model_to(engine) for engine in ready],
            waiting=[
                messages.WaitingModel(id=model, family=family, cure=words.translated(cure))
                for model, family, cure in waiting
            ],
        )

    async def describe_verbs(
        self, request: verbs_pb2.DescribeVerbsRequest, context: Context
    ) -> verbs_pb2.DescribeVerbsResponse:
        told = self.forms.describe(
            self._jobs.registry, request.locale, self._jobs.styles, has_timeline=request.has_timeline
        )
        return to_message(told, verbs_pb2.DescribeVerbsResponse)

    async def describe_setup(
        self, request: setup_pb2.DescribeSetupRequest, context: Context
    ) -> setup_pb2.DescribeSetupResponse:
        catalog = self._jobs.registry.catalog or Catalog(config.data_dir(None) / config.MODELS_FILE)
        here = await asyncio.to_thread(look, catalog)
        sections = sections_of(here, self._words(request.locale))
        return setup_pb2.DescribeSetupResponse(sections=[to_message(one, setup_pb2.SetupSection) for one in sections])

    async def plan_edit(self, request: messages.PlanEditRequest, context: Context) -> messages.PlanEditResponse:
        asked = from_message(PlanQuestion, request)
        self.forms.check_options(asked.verb, asked.options)
        style = self._jobs.styles.style(asked.style) if asked.style else None
        planned = plan(
            self._jobs.registry,
            asked.document,
            asked.region,
            asked.verb,
            asked.tier,
            model=asked.model or (style.models.get(asked.tier, "") if style else ""),
            context_px=asked.context_px,
            grow_px=asked.grow_px,
            feather_px=asked.feather_px,
            prompted=asked.prompted or bool((asked.words and asked.words.prompt) or (style and style.has_words)),
            count=asked.count,
            references=asked.references,
            reference_layers=asked.reference_layers,
        )
        estimate_s = self._jobs.estimate(
            planned.model, asked.verb, asked.tier, planned.window.working.area, asked.count, asked.options
        )
        words = self._words(asked.locale)
        return messages.PlanEditResponse(
            window=to_message(planned.window.bounds, raster_pb2.Rect),
            working=to_message(planned.window.working, raster_pb2.Size),
            scale=planned.window.scale,
            estimate_s=estimate_s,
            queue_length=self._jobs.queue_length,
            model=planned.model,
            notes=[words.translated(note) for note in (*planned.notes, *self._left_out(planned.model, style))],
            sentence=cost_of(words, estimate_s, planned.window.scale, self._jobs.queue_length),
            leaving=leaving_to(planned, words),
            told=self._told(planned.model, asked, style),
        )

    async def submit_edit(self, request: messages.SubmitEditRequest, context: Context) -> messages.SubmitEditResponse:
        if not request.HasField("recipe"):
            raise InvalidInput("recipe", "not set", "it must be set")
        recipe = self.forms.completed(from_message(Recipe, request.recipe))
        ticket = replace(ticket_from(request), by=context.person)
        job = await self._jobs.submit(request.job_id, recipe, ticket)
        _log.info(
            "%s submitted job %s: %s, %d x %d px",
            context.caller,
            job.job_id,
            recipe.verb,
            *recipe.canvas.window.size,
            extra={"event": "job.submitted", "job": job.job_id},
        )
        return messages.SubmitEditResponse(job=named(job, self._words(request.locale), context.person))

    async def watch_job(
        self, request: messages.WatchJobRequest, context: Context
    ) -> AsyncIterator[messages.WatchJobResponse]:
        _check_seq(request.after_seq)
        if self._watching[request.job_id] >= MAX_WATCHERS:
            raise QuotaExceeded(f"job {request.job_id} has {MAX_WATCHERS} watchers, and no more are let in; poll it")
        self._watching[request.job_id] += 1
        words = self._words(first_of(context.language))
        is_whole = self.holdings.sight(context.person, request.job_id) is Sight.WHOLE
        try:
            async with contextlib.aclosing(self._jobs.watch(request.job_id, request.after_seq)) as events:
                async for event in events:
                    if not is_whole and not isinstance(event.happening, OUTLINED):
                        continue
                    yield messages.WatchJobResponse(event=translated(self._shared.of(event), words))
        finally:
            self._watching[request.job_id] -= 1
            if not self._watching[request.job_id]:
                del self._watching[request.job_id]

    async def poll_job(self, request: messages.PollJobRequest, context: Context) -> messages.PollJobResponse:
        if request.wait_ms > MAX_WAIT_MS:
            raise InvalidInput("wait_ms", request.wait_ms, f"it must be 0 .. {MAX_WAIT_MS}")
        _check_seq(request.after_seq)
        wait_s = request.wait_ms / 1000
        remaining_s = context.time_remaining_s()
        if remaining_s is not None:
            wait_s = max(0.0, min(wait_s, remaining_s - ANSWER_MARGIN_S))
        events = await self._jobs.poll(request.job_id, request.after_seq, wait_s)
        if self.holdings.sight(context.person, request.job_id) < Sight.WHOLE:
            events = await self._outlined(request, events, wait_s)
        response, size, words = messages.PollJobResponse(), 0, self._words(request.locale)
        for event in events:
            message = translated(self._shared.of(event), words)
            size += message.ByteSize()
            if response.events and size > ANSWER_BYTES:
                break
            response.events.append(message)
        state = _state_after(events[: len(response.events)], self._jobs.state(request.job_id))
        response.state = number_of(job_pb2.JobState, state)
        if state.ended:
            await self._jobs.kept()
        return response

    async def _outlined(
        self, request: messages.PollJobRequest, events: Sequence[Event], wait_s: float
    ) -> Sequence[Event]:
        """Those that show neither pixels nor words; waits on where there are only others."""
        loop = asyncio.get_running_loop()
        until_s = loop.time() + wait_s
        while events:
            if shown := [event for event in events if isinstance(event.happening, OUTLINED)]:
                return shown
            events = await self._jobs.poll(request.job_id, events[-1].seq, max(0.0, until_s - loop.time()))
        return ()

    async def list_jobs(self, request: messages.ListJobsRequest, context: Context) -> messages.ListJobsResponse:
        limit = request.limit or DEFAULT_LISTED
        asked = {"unfetched_only": request.unfetched_only, "batch": request.batch, "by": context.person}
        of_these = partial(self._jobs.list, request.label, **asked)
        response, words = messages.ListJobsResponse(), self._words(request.locale)
        size, jobs = 0, of_these(limit=limit, after=request.after)
        for job in jobs:
            message = named(job, words, context.person)
            size += message.ByteSize()
            if response.jobs and size > ANSWER_BYTES:
                break
            response.jobs.append(message)
        last = response.jobs[-1].job_id if response.jobs else ""
        if len(response.jobs) < len(jobs) or (len(jobs) == limit and of_these(limit=1, after=last)):
            response.next = last
        await self._jobs.kept()
        return response

    async def cancel_job(self, request: messages.CancelJobRequest, context: Context) -> messages.CancelJobResponse:
        job = await self._jobs.cancel(request.job_id)
        asked = {"event": "job.cancel", "job": job.job_id}
        _log.info("%s cancelled job %s: it is %s", context.caller, job.job_id, job.state, extra=asked)
        return messages.CancelJobResponse(job=named(job, self._words(""), context.person))

    async def list_history(
        self, request: history_pb2.ListHistoryRequest, context: Context
    ) -> history_pb2.ListHistoryResponse:
        words = self._words(request.locale)
        sought = [Sought(word, self.forms.verbs_titled(word, words)) for word in request.search.casefold().split()]
        limit = request.limit or DEFAULT_REMEMBERED
        page = self._jobs.history(request.label, sought, request.cursor, limit, context.person)
        entries = [remembered(entry, words) for entry in page.entries]
        await self._jobs.kept()
        return history_pb2.ListHistoryResponse(entries=entries, next=page.next)

    async def rate_variation(
        self, request: messages.RateVariationRequest, context: Context
    ) -> messages.RateVariationResponse:
        rating = from_message(Rated, request).rating
        await self._jobs.rate(request.job_id, request.variation, rating)
        return messages.RateVariationResponse()

    async def describe_result(
        self, request: memory_pb2.DescribeResultRequest, context: Context
    ) -> memory_pb2.DescribeResultResponse:
        job = await self._jobs.get(request.job_id)
        events = [*await self._jobs.poll(job.job_id)]
        return await asyncio.to_thread(memories_of, job, events, self._blobs, self._words(request.locale))

    async def mark_document(
        self, request: memory_pb2.MarkDocumentRequest, context: Context
    ) -> memory_pb2.MarkDocumentResponse:
        job = await self._jobs.get(request.job_id)
        return await asyncio.to_thread(marked, request, job, [*await self._jobs.poll(job.job_id)])

    async def finish_variation(
        self, request: memory_pb2.FinishVariationRequest, context: Context
    ) -> memory_pb2.FinishVariationResponse:
        asked = from_message(Finishing, request)
        recipe = final_of(asked.memory, asked.pixels, asked.source, asked.tier, asked.model)
        ticket = Ticket(asked.label, parent=asked.memory.job_id, by=context.person)
        job = await self._jobs.submit(asked.job_id, recipe, ticket)
        facts = {"event": "job.submitted", "job": job.job_id}
        was = asked.memory.job_id
        _log.info("%s has job %s finished at %s: %s", context.caller, was, asked.tier, job.job_id, extra=facts)
        return memory_pb2.FinishVariationResponse(job=named(job, self._words(asked.locale), context.person))

    async def compare_results(
        self, request: memory_pb2.CompareResultsRequest, context: Context
    ) -> memory_pb2.CompareResultsResponse:
        asked, read = from_message(Comparing, request), self.holdings.reader(context.person, named_blobs(request))

        def compare() -> list[Relation]:
            return [relation_of(memory, asked.verb, asked.where, read) for memory in asked.memories]

        relations = await asyncio.to_thread(compare)
        numbers = [number_of(memory_pb2.Relation, relation) for relation in relations]
        return memory_pb2.CompareResultsResponse(relations=numbers)

    async def locate_source(
        self, request: memory_pb2.LocateSourceRequest, context: Context
    ) -> memory_pb2.LocateSourceResponse:
        asked, read = from_message(Locating, request), self.holdings.reader(context.person, named_blobs(request))
        return await asyncio.to_thread(located, asked, read, self._words(asked.locale))

    def _words(self, locale: str) -> Catalogue:
        return self.forms.words.speaking(locale)


def _check_seq(after_seq: int) -> None:
    if after_seq > MAX_SEQ:
        raise InvalidInput("after_seq", after_seq, f"it must be 0 .. {MAX_SEQ}, the number of an event")


def _state_after(events: Sequence[Event], now: JobState) -> JobState:
    """Where the job was after `events`; `now` where there are none."""
    if not events:
        return now
    match events[-1].happening:
        case Done():
            return JobState.DONE
        case Failed():
            return JobState.FAILED
        case JobCancelled():
            return JobState.CANCELLED
        case _:
            return JobState.RUNNING if now.ended else now
