"""Generate and instruct ask for words before they run."""

from inlay_bridge import result
from inlay_bridge.scene import form, shown_panel

from inlay_krita import api
from inlay_krita.host.facts import CannotEdit

for verb in ("generate", "instruct"):
    form.verb.setCurrentIndex(form.verb.findData(verb))
    shown_panel.look()
    result[verb] = shown_panel.hud.text()
    assert not shown_panel.go.isEnabled()
    try:
        api.edit(verb=verb)
    except CannotEdit as reason:
        result[verb + " in a script"] = str(reason)
shown_panel.run()
result["once"] = shown_panel.trouble.isVisible()
