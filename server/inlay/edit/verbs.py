"""What the verbs want of the picture that is there; a verb that is not named here brings new content, as fill does."""

from inlay.recipe import Verb

SEES_PX: dict[str, int] = {Verb.SELECT: 512}
"""Surroundings that a verb looks at around a region, where the retoucher does not say; others see what fits the region."""

EDITS_WHAT_IS_THERE = frozenset(
    {Verb.REFINE, Verb.INSTRUCT, Verb.RECOLOR, Verb.UPSCALE, Verb.SEPARATE, Verb.MATCH, Verb.FIX}
)
"""Verbs whose small differences to the original are wanted; fitting must not take them back."""

KEEPS_SILHOUETTE = EDITS_WHAT_IS_THERE | {Verb.ERASE}
"""Verbs that put nothing where the document shows nothing: a cut-out stays cut out."""

ROLLED_AGAIN = frozenset(
    {
        Verb.GENERATE,
        Verb.FILL,
        Verb.ERASE,
        Verb.REPLACE_BACKGROUND,
        Verb.EXPAND,
        Verb.REFINE,
        Verb.INSTRUCT,
        Verb.FIX,
        Verb.ANIMATE,
    }
)
"""Verbs of which the same again is another picture: who asks again hopes for a better one. Others are set, as a colour is."""

LOOKS = frozenset({Verb.SELECT, Verb.DESCRIBE, Verb.STRUCTURE})
"""Verbs that make nothing to be approved."""
