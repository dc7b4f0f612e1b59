"""What the form says is what the recipe remembers, 2 of 2."""

from inlay_bridge import result
from inlay_bridge.inside import Wish, group_of, show_wish
from inlay_bridge.scene import made

from inlay_krita.host import memories, place

(kept,) = [one for one in memories.recall(made, group_of(made)).layers.values() if not one.memory.variation]
how, where = kept.memory.recipe.sampling, kept.memory.recipe.where
result["stored"] = [kept.memory.recipe.words.prompt, how.tier, how.count, how.seed, where.grow_px, where.feather_px]
result["strength"] = how.strength
result["layers"] = [node.name() for node in place.variations_of(made, group_of(made))]
show_wish(Wish())
