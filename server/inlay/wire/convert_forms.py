"""From forms to the contract's messages."""

from inlay.form import Description, Field, FieldKind, Needs, VerbForm
from inlay.v1 import value_pb2, verbs_pb2
from inlay.wire.convert import Names

_NEEDS = Names(verbs_pb2.Needs, "NEEDS_", tuple(Needs))
_KINDS = Names(verbs_pb2.FieldKind, "FIELD_KIND_", tuple(FieldKind))


def description_to(description: Description) -> verbs_pb2.DescribeVerbsResponse:
    return verbs_pb2.DescribeVerbsResponse(
        locale=description.locale, verbs=map(_form_to, description.verbs), words=description.words
    )


def value_to(value: float | str | bool | None) -> value_pb2.Value | None:
    match value:
        case None:
            return None
        case bool():
            return value_pb2.Value(flag=value)
        case str():
            return value_pb2.Value(text=value)
        case _:
            return value_pb2.Value(number=value)


def _form_to(form: VerbForm) -> verbs_pb2.VerbForm:
    return verbs_pb2.VerbForm(
        id=form.id,
        title=form.title,
        tip=form.tip,
        needs=_NEEDS.number(form.needs),
        inverts=form.inverts,
        fields=map(_field_to, form.fields),
        models=form.models,
        unable=form.unable,
    )


def _field_to(field: Field) -> verbs_pb2.Field:
    return verbs_pb2.Field(
        path=field.path,
        kind=_KINDS.number(field.kind),
        title=field.title,
        tip=field.tip,
        hint=field.hint,
        required=field.required,
        lack=field.lack,
        advanced=field.advanced,
        initial=value_to(field.initial),
        minimum=field.minimum,
        maximum=field.maximum,
        step=field.step,
        unit=field.unit,
        choices=[verbs_pb2.Choice(value=one.value, title=one.title, tip=one.tip) for one in field.choices],
    )
