"""The settings: which server, and how it is trusted."""

from ..client.connect import Address, Line
from ..client.messages import inlay_pb2
from ..client.tasks import Task
from ..client.trouble import Trouble
from ..host import options
from ..qt import QtWidgets
from ..words import say
from . import parts
from .nearby import Nearby
from .setup import Setup


class Settings(QtWidgets.QDialog):
    """Edits the address; `address()` is what was entered."""

    def __init__(self, parent=None):
        super().__init__(parent)
        self.setWindowTitle(f"Inlay: {say('action.settings.title')}")
        now = options.address()
        self._url, self._token, self._certificate = (QtWidgets.QLineEdit(text) for text in now[:3])
        self._url.setPlaceholderText(options.DEFAULT_URL)
        self._token.setEchoMode(QtWidgets.QLineEdit.EchoMode.PasswordEchoOnEdit)
        self._token.setPlaceholderText(say("settings.token_hint"))
        self._certificate.setPlaceholderText("certificate.pem")
        browse = parts.tool("folder", say("settings.certificate"), self._browse)
        form = QtWidgets.QFormLayout()
        form.addRow(say("settings.server"), self._url)
        form.addRow(say("settings.token"), self._token)
        form.addRow(say("settings.certificate"), parts.row(self._certificate, browse))
        self.nearby = Nearby(lambda: self.address().url)
        self.nearby.chosen.connect(self._url.setText)
        self.nearby.let_in.connect(self._let_in)
        self.finished.connect(lambda _: self.nearby.leave())
        form.addRow(self.nearby)
        hints = QtWidgets.QCheckBox(say("settings.hints"))
        hints.setToolTip(say("settings.hints_tip"))
        hints.setObjectName("hints")
        hints.setChecked(options.wants_hints())
        hints.toggled.connect(options.set_wants_hints)
        form.addRow(hints)
        kinds = QtWidgets.QDialogButtonBox.StandardButton
        box = QtWidgets.QDialogButtonBox(kinds.Ok | kinds.Cancel)
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        test = box.addButton(say("action.retry.title"), QtWidgets.QDialogButtonBox.ButtonRole.ActionRole)
        test.clicked.connect(lambda: Task(self._try()))
        self._answer = parts.words()
        layout = QtWidgets.QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self._answer)
        self.setup = Setup(lambda: Line(self.address()))
        layout.addWidget(self.setup)
        layout.addWidget(box)
        self.setMinimumWidth(420)

    def address(self) -> Address:
        url = self._url.text().strip() or options.DEFAULT_URL
        if "://" not in url:
            url = f"http://{url}"
        return options.address()._replace(
            url=url.rstrip("/"), token=self._token.text().strip(), certificate=self._certificate.text().strip()
        )

    def _let_in(self, token: str, certificate: str) -> None:
        """Kept at once: the token is told no second time."""
        self._token.setText(token)
        self._certificate.setText(certificate)
        options.set_address(self.address())

    def _browse(self) -> None:
        path, _ = QtWidgets.QFileDialog.getOpenFileName(self, "", "", "PEM (*.pem *.crt);;* (*)")
        if path:
            self._certificate.setText(path)

    async def _try(self) -> None:
        self._answer.setText("…")
        request = inlay_pb2.GetServerInfoRequest()
        try:
            info = await Line(self.address()).call(request, 5.0)
        except Trouble as trouble:
            self._answer.setText(str(trouble))
        else:
            self._answer.setText(say("connection.version", version=info.version, url=self.address().url))
