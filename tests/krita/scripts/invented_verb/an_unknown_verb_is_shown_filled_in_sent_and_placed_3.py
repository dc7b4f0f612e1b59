"""An unknown verb is shown filled in sent and placed, 3 of 3."""

from inlay_bridge import result
from inlay_bridge.inside import group_of, shown
from inlay_bridge.scene import folder, made, shown_panel

from inlay_krita.host import memories, place

result["left"] = [edit.message for edit in shown_panel.session.left_of(made)]
group = group_of(made)
recipe = next(iter(memories.recall(made, group).layers.values())).memory.recipe
result["options"] = {name: getattr(value, value.WhichOneof("kind")) for name, value in recipe.options.items()}
result["inputs"] = [[one.role, one.name] for one in recipe.inputs]
result["rest"] = [recipe.verb, recipe.words.prompt, recipe.sampling.model, recipe.sampling.count, recipe.sampling.seed]
result["name"] = group.name()
result["variations"] = len(place.variations_of(made, group))
shown(made, folder + "/after")
