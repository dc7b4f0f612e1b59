"""What is said of a result that was made by what the server that is connected now does not have."""

from inlay_bridge import given, result
from inlay_bridge.inside import document, panel, select, settle

from inlay_krita import api
from inlay_krita.client.messages import verbs_pb2

shown_panel = panel()
made = document(300, 220, "RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc", given["pixels"])
select(made, given["mask"])
api.place(api.wait(api.edit("recolor", target_color="#AA2222")))
settle(made)
connection = api.session().connection
forms = connection.forms
connection.show_forms(verbs_pb2.DescribeVerbsResponse(verbs=[form for form in forms.values() if form.id != "recolor"]))
try:
    for deed in ("table", "apply"):
        shown_panel.do(deed)
        result[deed] = shown_panel.trouble.text()
        opened = [one for one in shown_panel.window().children() if type(one).__name__ == deed.title()]
        for dialog in opened:
            dialog.run()
            result[deed] = dialog.told.text()
            dialog.reject()
finally:
    connection.forms = forms
