"""What is there already is painted again, while another picture is in front."""

from inlay_bridge import given
from inlay_bridge.inside import document, panel, settle
from inlay_bridge.scene import made

from inlay_krita import api

shown_panel = panel()
api.place(api.wait(api.edit(seed=3)))
settle(made)
other = document(
    made.width(), made.height(), made.colorModel(), made.colorDepth(), made.colorProfile(), given["pixels"]
)
again = api.session().run_again(made)
