"""Opens a file that Inlay wrote and writes down what Krita makes of its layers."""

from inlay_bridge import given

from krita import Krita

application = Krita.instance()
application.setBatchmode(True)
document = application.openDocument(given["path"])
document.waitForDone()


def described(node):
    return {
        "name": node.name(),
        "type": node.type(),
        "blending": node.blendingMode(),
        "visible": node.visible(),
        "depth": node.colorDepth(),
        "profile": node.colorProfile(),
    }


layer = document.topLevelNodes()[0]
opened_as = [document.colorDepth(), document.colorProfile()]
if opened_as != [layer.colorDepth(), layer.colorProfile()]:
    document.setColorSpace(layer.colorModel(), layer.colorDepth(), layer.colorProfile())
    document.refreshProjection()
    document.waitForDone()
(group,) = [node for node in document.topLevelNodes() if node.type() == "grouplayer"]
width, height = document.width(), document.height()


def saved(name, node, *bounds):
    with open(given["path"] + name, "wb") as file:
        file.write(bytes(node.pixelData(*bounds)))


saved(".shown", document, 0, 0, width, height)
saved(".original", layer, 0, 0, width, height)
saved(".mask", group.childNodes()[-1], *given["bounds"])
saved(".variation", group.childNodes()[-2], *given["bounds"])
result = {
    "opened_as": opened_as,
    "layer": described(layer),
    "group": described(group),
    "children": [described(child) for child in group.childNodes()],
}
document.close()
