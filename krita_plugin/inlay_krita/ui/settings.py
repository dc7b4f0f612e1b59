"""The settings: which server, and how it is trusted."""

from ..client.connect import Address, Line
from ..client.messages import inlay_pb2
from ..client.tasks import Task
from ..client.trouble import Trouble
from ..host import options
from ..qt import QtWidgets
from . import parts


class Settings(QtWidgets.QDialog):
    """Edits the address; `address()` is what was entered."""

    def __init__(self, parent=None):
        super().__init__(parent)
        self.setWindowTitle("Inlay settings")
        now = options.address()
        self._url = QtWidgets.QLineEdit(now.url)
        self._url.setPlaceholderText(options.DEFAULT_URL)
        self._token = QtWidgets.QLineEdit(now.token)
        self._token.setEchoMode(QtWidgets.QLineEdit.EchoMode.PasswordEchoOnEdit)
        self._token.setPlaceholderText("Found by itself for a server on this machine")
        self._certificate = QtWidgets.QLineEdit(now.certificate)
        self._certificate.setPlaceholderText("certificate.pem of the server, for https")
        browse = parts.tool("folder", "Choose a file", self._browse)
        form = QtWidgets.QFormLayout()
        form.addRow("Server", self._url)
        form.addRow("Token", self._token)
        form.addRow("Certificate", parts.row(self._certificate, browse))
        kinds = QtWidgets.QDialogButtonBox.StandardButton
        box = QtWidgets.QDialogButtonBox(kinds.Ok | kinds.Cancel)
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        self._test = box.addButton("Test", QtWidgets.QDialogButtonBox.ButtonRole.ActionRole)
        self._test.clicked.connect(lambda: Task(self._try()))
        self._answer = parts.words()
        layout = QtWidgets.QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self._answer)
        layout.addWidget(box)
        self.setMinimumWidth(420)

    def address(self) -> Address:
        url = self._url.text().strip() or options.DEFAULT_URL
        if "://" not in url:
            url = f"http://{url}"
        return Address(url.rstrip("/"), self._token.text().strip(), self._certificate.text().strip())

    def _browse(self) -> None:
        path, _ = QtWidgets.QFileDialog.getOpenFileName(self, "Certificate", "", "PEM (*.pem *.crt);;All files (*)")
        if path:
            self._certificate.setText(path)

    async def _try(self) -> None:
        self._answer.setText("Asking…")
        try:
            info = await Line(self.address()).call(
                "GetServerInfo", inlay_pb2.GetServerInfoRequest(), inlay_pb2.GetServerInfoResponse, 5.0
            )
        except Trouble as trouble:
            self._answer.setText(str(trouble))
        else:
            self._answer.setText(f"{info.name} answers: Inlay {info.version}.")
