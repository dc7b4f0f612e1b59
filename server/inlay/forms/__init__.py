"""The forms: what each verb asks for, and every word of a panel, in the editor's language."""

from inlay.forms.catalogue import Catalogue, catalogues
from inlay.forms.forms import Engines, Forms
from inlay.forms.verbs import VERBS

__all__ = ["VERBS", "Catalogue", "Engines", "Forms", "catalogues"]
