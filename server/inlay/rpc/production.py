"""The calls about one master and many deliverables: its masks on further pictures, and it in further formats."""

from inlay.formats import Format, framing, presets
from inlay.forms import Forms
from inlay.jobs.queue import Jobs
from inlay.rpc.context import Context
from inlay.v1 import production_pb2, raster_pb2, recipe_pb2
from inlay.wire.codec import from_message, to_message
from inlay.wire.requests import CarryQuestion, FormatsQuestion


class ProductionCalls:
    """What of the service is about further pictures and formats."""

    _jobs: Jobs
    forms: Forms

    async def carry_mask(
        self, request: production_pb2.CarryMaskRequest, context: Context
    ) -> production_pb2.CarryMaskResponse:
        asked = from_message(CarryQuestion, request)
        masks = (asked.master, asked.master_size, asked.region, asked.mask)
        carried = await self._jobs.prober.carry(*masks, asked.sibling, asked.sibling_size)
        if carried.found:
            await self._jobs.give(context.person, carried.found.mask.blob)
        sentence, words = "", self.forms.words.speaking(asked.locale)
        if not carried.is_sure:
            why = "doubtful" if carried.found else "gone"
            sentence = words.say(f"server.carried.{why}", percent=f"{100 * carried.alike:.0f}")
        return production_pb2.CarryMaskResponse(
            found=to_message(carried.found, recipe_pb2.Selection) if carried.found else None,
            is_sure=carried.is_sure,
            alike=carried.alike,
            sentence=sentence,
        )

    async def frame_formats(
        self, request: production_pb2.FrameFormatsRequest, context: Context
    ) -> production_pb2.FrameFormatsResponse:
        asked, words = from_message(FormatsQuestion, request), self.forms.words.speaking(request.locale)
        asked.document.check("document")
        formats = [Format.parse(name, "formats") for name in asked.formats] or [*presets().values()]
        framed = [(one, framing(asked.document, asked.focus, one, field="focus")) for one in formats]
        return production_pb2.FrameFormatsResponse(
            formats=[
                production_pb2.FramedFormat(
                    name=shape.name,
                    title=words.find(f"server.format.{shape.name}") or shape.name,
                    crop=to_message(found.crop, raster_pb2.Rect),
                    safe=to_message(found.safe, raster_pb2.Rect),
                    flags=[words.translated(flag) for flag in found.flags],
                )
                for shape, found in framed
            ]
        )
