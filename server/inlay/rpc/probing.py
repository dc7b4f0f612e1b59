"""The calls that look before anybody edits: at a region, and at the way a stream comes through."""

import asyncio
from collections.abc import AsyncIterator

from inlay.errors import InvalidInput
from inlay.forms import Forms
from inlay.jobs.queue import Jobs
from inlay.rpc.context import Context
from inlay.rpc.readings import reading_to
from inlay.v1 import inlay_pb2 as messages
from inlay.wire.codec import from_message
from inlay.wire.requests import ProbeQuestion

MAX_PROBES = 100
MAX_PROBE_INTERVAL_MS = 1_000


class ProbeCalls:
    """What of the service is about probing."""

    forms: Forms
    _jobs: Jobs

    async def probe_region(
        self, request: messages.ProbeRegionRequest, context: Context
    ) -> messages.ProbeRegionResponse:
        asked = from_message(ProbeQuestion, request)
        found = await self._jobs.prober.probe(asked.source, asked.mask, asked.target_color)
        return reading_to(found, asked, self.forms.words.speaking(asked.locale))

    async def probe_stream(
        self, request: messages.ProbeStreamRequest, context: Context
    ) -> AsyncIterator[messages.ProbeStreamResponse]:
        if not 1 <= request.count <= MAX_PROBES:
            raise InvalidInput("count", request.count, f"it must be 1 .. {MAX_PROBES}")
        if request.interval_ms > MAX_PROBE_INTERVAL_MS:
            raise InvalidInput("interval_ms", request.interval_ms, f"it must be 0 .. {MAX_PROBE_INTERVAL_MS}")
        for index in range(1, request.count + 1):
            if index > 1:
                await asyncio.sleep(request.interval_ms / 1000)
            yield messages.ProbeStreamResponse(index=index)
