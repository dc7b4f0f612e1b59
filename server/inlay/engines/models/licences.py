"""What a licence of weights allows, as its text says, and under which one a family was published. No advice, and no promise.

Read on 2026-11: the licences' own texts, and the model cards on Hugging Face (docs/facts/models.md#licences).
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from inlay.capabilities import Commercial


class Terms(NamedTuple):
    """A licence. id: an SPDX id where there is one, else the tag that model cards use. source: where its text is."""

    id: str
    commercial: Commercial
    source: str


_SPDX = "https://spdx.org/licenses/"

TERMS = {
    terms.id: terms
    for terms in (
        Terms("Apache-2.0", Commercial.YES, f"{_SPDX}Apache-2.0.html"),
        Terms("MIT", Commercial.YES, f"{_SPDX}MIT.html"),
        Terms("BSD-3-Clause", Commercial.YES, f"{_SPDX}BSD-3-Clause.html"),
        Terms("CC0-1.0", Commercial.YES, f"{_SPDX}CC0-1.0.html"),
        Terms("CC-BY-4.0", Commercial.YES, f"{_SPDX}CC-BY-4.0.html"),
        Terms("CC-BY-NC-4.0", Commercial.NO, f"{_SPDX}CC-BY-NC-4.0.html"),
        Terms("CC-BY-NC-SA-4.0", Commercial.NO, f"{_SPDX}CC-BY-NC-SA-4.0.html"),
        Terms(
            "creativeml-openrail-m", Commercial.YES, "https://huggingface.co/spaces/CompVis/stable-diffusion-license"
        ),
        Terms(
            "openrail++",
            Commercial.YES,
            "https://huggingface.co/stabilityai/stable-diffusion-xl-base-1.0/blob/main/LICENSE.md",
        ),
        Terms("fair-ai-public-license-1.0-sd", Commercial.CONDITIONS, "https://freedevproject.org/faipl-1.0-sd/"),
        Terms("stabilityai-ai-community", Commercial.CONDITIONS, "https://stability.ai/community-license-agreement"),
        Terms(
            "flux-1-dev-non-commercial-license",
            Commercial.NO,
            "https://huggingface.co/black-forest-labs/FLUX.1-dev/blob/main/LICENSE.md",
        ),
        Terms(
            "flux-non-commercial-license",
            Commercial.NO,
            "https://huggingface.co/black-forest-labs/FLUX.2-klein-9B/blob/main/LICENSE.md",
        ),
        Terms("bria-fibo", Commercial.NO, "https://huggingface.co/briaai/Fibo-Edit-1.5-base"),
        Terms("qwen-research", Commercial.NO, "https://huggingface.co/Qwen/Qwen-Image-2.1/blob/main/LICENSE"),
    )
}
"""creativeml-openrail-m and openrail++ forbid certain uses, commercial or not, and whoever passes the weights on has to as well.

Bria sells licences for business; what is published is for everything else."""

_BY_FAMILY = {
    "sd15": "creativeml-openrail-m",
    "sdxl": "openrail++",
    "flux_fill": "flux-1-dev-non-commercial-license",
    "flux_dev": "flux-1-dev-non-commercial-license",
    "flux_schnell": "Apache-2.0",
    "flux_canny": "flux-1-dev-non-commercial-license",
    "flux_depth": "flux-1-dev-non-commercial-license",
    "flux_kontext": "flux-1-dev-non-commercial-license",
    "flux2_klein": "Apache-2.0",
    "flux2_dev": "flux-non-commercial-license",
    "qwen_image": "Apache-2.0",
    "qwen_image_edit": "Apache-2.0",
    "qwen_image_21": "qwen-research",
    "longcat_edit": "Apache-2.0",
    "fibo_edit": "bria-fibo",
    "z_image": "Apache-2.0",
    "wan": "Apache-2.0",
    "wan_5b": "Apache-2.0",
}
"""Of what their makers published. Fine-tunes may say another; without a word of their own they are under their base's."""

_KLEIN_9B = "flux-non-commercial-license"

_ALSO = {"openrail": "creativeml-openrail-m", "apache2": "Apache-2.0", "cc-by-nc-sa-4.0": "CC-BY-NC-SA-4.0"}
_NON_COMMERCIAL = re.compile(r"non[-_ ]?commercial|(^|[-_ ])nc([-_ ]|$)|research", re.IGNORECASE)


def published(family: str, lacks: Sequence[str] = ()) -> str:
    """The licence under which the makers of a family published it; empty where that is not known here.

    lacks: the names of the parts that a lone denoiser needs, by which FLUX.2 klein 9B, which is under another, is told from 4B.
    """
    return _KLEIN_9B if family == "flux2_klein" and "qwen3_8b" in lacks else _BY_FAMILY.get(family, "")


def terms_of(licence: str) -> Terms:
    """What the licence of that name allows. Of one that is not known here, only that it calls itself non-commercial."""
    plain = licence.strip().lower()
    plain = _ALSO.get(plain, plain)
    known = next((terms for terms in TERMS.values() if terms.id.lower() == plain.lower()), None)
    if known:
        return known
    return Terms(licence, Commercial.NO if _NON_COMMERCIAL.search(licence) else Commercial.UNKNOWN, "")
