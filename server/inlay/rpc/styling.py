"""The calls about styles: which there are, keeping one, and how a picture keeps to a brand."""

import asyncio
import logging
from dataclasses import replace

from inlay.edit.saved_style import completed_from
from inlay.edit.style import left_out
from inlay.errors import InvalidInput
from inlay.forms import Forms
from inlay.jobs.queue import Jobs
from inlay.recipe import Style
from inlay.rpc.context import Context
from inlay.rpc.readings import brand_lines
from inlay.rpc.rules import Holdings, Read
from inlay.styles.limits import MAX_COLORS
from inlay.v1 import recipe_pb2, style_pb2
from inlay.wire.codec import from_message, to_message
from inlay.wire.requests import BrandQuestion, PlanQuestion, Saving

_log = logging.getLogger(__name__)


class StyleCalls:
    """What of the service is about styles."""

    _jobs: Jobs
    forms: Forms
    holdings: Holdings

    async def list_styles(self, request: style_pb2.ListStylesRequest, context: Context) -> style_pb2.ListStylesResponse:
        book = self._jobs.styles
        styles = await asyncio.to_thread(book.styles)
        return style_pb2.ListStylesResponse(
            styles=[to_message(one, recipe_pb2.Style) for one in styles], file=str(book.path)
        )

    async def save_style(self, request: style_pb2.SaveStyleRequest, context: Context) -> style_pb2.SaveStyleResponse:
        if not request.HasField("style"):
            raise InvalidInput("style", "not set", "it must be set")
        asked = from_message(Saving, request)
        style = replace(asked.style, sha256="")
        if asked.job_id:
            style = completed_from(style, (await self._jobs.get(asked.job_id)).recipe)
        read = self.holdings.reader(context.person, [one.raster.blob for one in style.references])
        saved = await asyncio.to_thread(self._save, style, asked.replaces, read)
        _log.info("%s saved style %s: version %s", context.caller, saved.id, saved.sha256)
        return style_pb2.SaveStyleResponse(style=to_message(saved, recipe_pb2.Style))

    async def check_brand(self, request: style_pb2.CheckBrandRequest, context: Context) -> style_pb2.CheckBrandResponse:
        asked = from_message(BrandQuestion, request)
        if len(asked.colors) > MAX_COLORS:
            raise InvalidInput("colors", f"{len(asked.colors)} of them", f"at most {MAX_COLORS} are allowed")
        colors = asked.colors
        if asked.style:
            colors = (*(await asyncio.to_thread(self._jobs.styles.style, asked.style)).colors, *colors)
            if not colors:
                raise InvalidInput("style", asked.style, "it names no colours to hold a picture against")
        found = await self._jobs.prober.check_brand(asked.source, asked.mask, colors)
        names = [one.name or one.color for one in colors]
        return style_pb2.CheckBrandResponse(
            pixels=found.pixels,
            share=found.share,
            shares=found.shares,
            clusters=[
                style_pb2.ColorCluster(
                    share=one.share, hex=one.hex, lab=one.lab, nearest=names[one.nearest], delta_e=one.delta_e
                )
                for one in found.clusters
            ],
            lines=brand_lines(found, names, self.forms.words.speaking(asked.locale)),
        )

    def _save(self, style: Style, replaces: str, read: Read) -> Style:
        book = self._jobs.styles
        if not style.id:
            if not style.title.strip():
                raise InvalidInput("style.title", "empty", "it must be set")
            style = replace(style, id=book.new_id(style.title))
        for one in style.references:
            if book.samples(one.raster.blob) is None:
                book.keep(one.raster.blob, read(one.raster.blob))
        return book.save(style, replaces)

    def _told(self, model: str, asked: PlanQuestion, style: Style | None) -> recipe_pb2.Told | None:
        """What a model would be told; None where it reads no words, or nobody asks."""
        if asked.words is None:
            return None
        told = self._jobs.registry.told(model, asked.verb, asked.words, style)
        return to_message(told, recipe_pb2.Told) if told else None

    def _left_out(self, model: str, style: Style | None) -> tuple[str, ...]:
        """What of a style a model has no use for: one sentence each."""
        return left_out(style, self._jobs.registry, model) if style else ()
