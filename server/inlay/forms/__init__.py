"""The forms: what each verb asks for, and every word of a panel, in the editor's language."""

from inlay.forms.catalogue import Catalogue
from inlay.forms.describe import describe
from inlay.forms.verbs import FORMS

__all__ = ["FORMS", "Catalogue", "describe"]
