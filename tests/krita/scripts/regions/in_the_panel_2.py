"""What three regions became, and what one undo leaves of it."""

from pathlib import Path

from inlay_bridge import result
from inlay_bridge.inside import group_of, settle, shown, tree, undo
from inlay_bridge.scene import folder, made

from inlay_krita.host import memories

at = Path(folder)
settle(made)
shown(made, at / "shown")
group = group_of(made)
result["group"] = tree(made)[0][2]
found = memories.recall_other(made, group)
assert found, "the group remembers nothing"
_, _, kept = found
result["told"] = [[one.role, one.name, one.raster.blob] for one in kept.memory.recipe.inputs]
undo(made)
result["undone"] = tree(made)
shown(made, at / "afterwards")
