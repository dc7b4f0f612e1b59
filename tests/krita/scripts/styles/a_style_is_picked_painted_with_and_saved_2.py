"""A style is picked, painted with and saved, 2 of 2."""

from inlay_bridge import result
from inlay_bridge.inside import group_of, pump_until
from inlay_bridge.scene import form, made, shown_panel

from inlay_krita.host import memories

recipe = next(iter(memories.recall(made, group_of(made)).layers.values())).memory.recipe
result["target"] = recipe.words.target_color
result["styled"] = [recipe.styled.id, len(recipe.styled.sha256), recipe.styled.colors[0].name]
shown_panel.probe.section.set_open(False)
form.fields["words.target_color"].put("#00A651")
shown_panel.variations.save_style.click()
pump_until(lambda: form.fields["sampling.style"].count() == 4)
menu = form.fields["sampling.style"]
result["menu"] = [menu.itemText(at) for at in range(menu.count())]
result["chosen"] = menu.get()
pump_until(lambda: "Saved as style" in shown_panel.trouble.text())
result["group"] = group_of(made).name()
