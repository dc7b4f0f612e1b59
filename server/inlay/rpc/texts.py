"""How long the texts of a request may be, whatever they are for: checked once, before anything looks at them."""

from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from inlay.errors import InvalidInput

MAX_CHARACTERS = 256
"""Of a name, an id, a hash, a label, a colour."""

MAX_TEXTS = 256
"""In a list of them."""

MAX_JSON_CHARACTERS = 8 * 2**20
"""A receipt holds the whole recipe, profiles included."""

MAX_XMP_CHARACTERS = 2**20
"""A packet has some kilobytes, but for those that list every file that was ever pasted into a document."""

_LONGER = {
    "xmp": MAX_XMP_CHARACTERS,
    "origin_xmp": MAX_XMP_CHARACTERS,
    "prompt": 8_192,
    "negative_prompt": 8_192,
    "text": 8_192,
    "notes": 8_192,
    "receipt_json": MAX_JSON_CHARACTERS,
    "details_json": MAX_JSON_CHARACTERS,
}


def check_texts(message: Message, prefix: str = "") -> None:
    """Raise InvalidInput, naming the field, where a text anywhere in `message` is too long or a list has too many."""
    for field, value in message.ListFields():
        name = f"{prefix}{field.name}"
        if field.type == FieldDescriptor.TYPE_STRING:
            limit = _LONGER.get(field.name, MAX_CHARACTERS)
            texts = value if field.is_repeated else (value,)
            if len(texts) > MAX_TEXTS:
                raise InvalidInput(name, f"{len(texts)} texts", f"at most {MAX_TEXTS} are allowed")
            longest = max(map(len, texts))
            if longest > limit:
                raise InvalidInput(name, f"{longest} characters long", f"at most {limit} are allowed")
        elif field.name == "recipe":
            check_texts(value)  # errors name a recipe's fields by themselves
        elif field.type == FieldDescriptor.TYPE_MESSAGE:
            for part, path in _parts(field, value, name):
                check_texts(part, f"{path}.")


def _parts(field: FieldDescriptor, value: Any, name: str) -> Iterator[tuple[Message, str]]:
    """The messages in a field, and their names."""
    kind = field.message_type
    if not field.is_repeated or kind is None:
        yield value, name
    elif not kind.GetOptions().map_entry:
        yield from ((part, f"{name}[{at}]") for at, part in enumerate(value))
    elif kind.fields_by_name["value"].message_type:
        yield from ((value[key], f"{name}.{key[:MAX_CHARACTERS]}") for key in value)
