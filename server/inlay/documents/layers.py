"""The layers of any layered original, as one stack."""

from inlay.documents import kra, openraster_stack, psd_file, psd_stack
from inlay.documents.document import Document
from inlay.documents.layer_stack import Stack, shifted


def layers_of(document: Document) -> Stack:
    """The layers of a document whose original has some, on its canvas; of any other, none."""
    if document.layered == "ora":
        return openraster_stack.stack_of(document)
    if document.layered == "kra":
        return kra.stack_of(document)
    if document.layered == "psd":
        stack = psd_stack.stack_of(psd_file.parse(document.original))
        return Stack(shifted(stack.items, *document.origin), stack.notes)
    return Stack(())
