"""What the verbs want of the picture that is there; a verb that is not named here brings new content, as fill does."""

from inlay.recipe import Verb

EDITS_WHAT_IS_THERE = frozenset(
    {Verb.REFINE, Verb.INSTRUCT, Verb.RECOLOR, Verb.UPSCALE, Verb.SEPARATE, Verb.MATCH, Verb.FIX}
)
"""Verbs whose small differences to the original are wanted; fitting must not take them back."""

KEEPS_SILHOUETTE = EDITS_WHAT_IS_THERE | {Verb.ERASE}
"""Verbs that put nothing where the document shows nothing: a cut-out stays cut out."""
