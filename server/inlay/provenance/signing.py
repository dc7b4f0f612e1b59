"""Content Credentials written into files, or beside those that cannot hold them. Needs no network and asks for none.

Source: C2PA specification 2.2; c2pa-python 0.38. Its defaults would look for manifests in the net and put thumbnails of the
picture into the mark.
"""

import io
from collections.abc import Mapping
from typing import Any, NamedTuple

import c2pa

from inlay.errors import InvalidInput
from inlay.provenance.certificate import Identity

PARENT = "parentOf"


class Parent(NamedTuple):
    """What a file was made from."""

    data: bytes
    mime: str
    field: str = "FILE"
    """What an error names where it is broken."""


def context(roots: bytes = b"") -> c2pa.Context:
    """How to read and write without the net. roots: PEM certificates that count as trusted."""
    settings: dict[str, Any] = {
        "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
        "builder": {"thumbnail": {"enabled": False}},
    }
    if roots:
        settings["trust"] = {"user_anchors": roots.decode("ascii", "replace")}
    return c2pa.Context.from_dict(settings)


def embedded(data: bytes, mime: str, manifest: Mapping[str, Any], parent: Parent | None, by: Identity) -> bytes:
    """The file with the mark in it; its samples are the same. Raises InvalidInput for a file that is broken."""
    out = io.BytesIO()
    _signed(data, mime, manifest, parent, by, out, embeds=True)
    return out.getvalue()


def beside(data: bytes, mime: str, manifest: Mapping[str, Any], parent: Parent | None, by: Identity) -> bytes:
    """The mark for a file that stays as it is; good for these very bytes. Raises InvalidInput for a parent that is broken."""
    return _signed(data, mime, manifest, parent, by, io.BytesIO(), embeds=False)


def _signed(
    data: bytes,
    mime: str,
    manifest: Mapping[str, Any],
    parent: Parent | None,
    by: Identity,
    out: io.BytesIO,
    *,
    embeds: bool,
) -> bytes:
    # None: no time-stamp server, which would learn of every file.
    signer = c2pa.Signer.from_info(c2pa.C2paSignerInfo(c2pa.C2paSigningAlg.ES256, by.chain, by.key, None))
    builder = c2pa.Builder(dict(manifest), context())
    if not embeds:
        builder.set_no_embed()
    if parent:
        # Without an explicit parent this intent would make the result its own.
        builder.set_intent(c2pa.C2paBuilderIntent.EDIT)
        try:
            told = {"title": "original", "relationship": PARENT}
            builder.add_ingredient(told, parent.mime, io.BytesIO(parent.data))
        except c2pa.C2paError as broken:
            raise InvalidInput(parent.field, parent.mime, f"it must be an intact picture ({broken})") from broken
    try:
        return builder.sign(signer, mime, io.BytesIO(data), out)
    except c2pa.C2paError as broken:
        raise InvalidInput("FILE", mime, f"it must be an intact file ({broken})") from broken
