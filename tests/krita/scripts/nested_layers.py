"""Opens a file and writes down every layer of it, groups and masks included."""

from inlay_bridge import given

from krita import Krita


def seen(node):
    told = {
        "name": node.name(),
        "type": node.type(),
        "blending": node.blendingMode(),
        "visible": node.visible(),
        "opacity": node.opacity(),
        "children": [seen(child) for child in node.childNodes()],
    }
    if node.type() in ("paintlayer", "transparencymask"):
        bounds = node.bounds()
        told["bounds"] = [bounds.x(), bounds.y(), bounds.width(), bounds.height()]
        told["pixels"] = f"{given['path']}.{len(files)}"
        files.append(told["pixels"])
        with open(told["pixels"], "wb") as file:
            file.write(bytes(node.pixelData(*told["bounds"])))
    return told


application = Krita.instance()
application.setBatchmode(True)
document = application.openDocument(given["path"])
document.waitForDone()
files = []
with open(given["path"] + ".shown", "wb") as file:
    file.write(bytes(document.pixelData(0, 0, document.width(), document.height())))
result = {"depth": document.colorDepth(), "layers": [seen(node) for node in document.topLevelNodes()]}
document.close()
