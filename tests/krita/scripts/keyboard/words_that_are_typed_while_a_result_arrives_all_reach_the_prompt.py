"""Words that are typed while a result arrives all reach the prompt."""

from inlay_bridge.inside import Wish, field, show_wish, type_into
from inlay_bridge.scene import shown_panel

show_wish(Wish(verb="fill", seed=3, count=2))
type_into(field.prompt)
shown_panel.run()
