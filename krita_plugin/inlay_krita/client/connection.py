"""Whether a server is there: asked at intervals, told with a reason and a cure."""

from ..qt import QObject, QTimer, Signal
from .connect import Address, Line
from .messages import inlay_pb2, verbs_pb2
from .tasks import Task, sleep
from .trouble import Trouble

PROTOCOL = 1
CHECK_S = 5.0
RETRY_S = (1.0, 2.0, 3.0, 5.0)
WAIT_S = 0.05
CALL_S = 4.0


class Connection(QObject):
    """The server that the settings name. `changed` is emitted whenever something below is another than before."""

    changed = Signal()
    described = Signal(object)
    """The server said what can be asked for: a DescribeVerbsResponse."""

    def __init__(self, address: Address):
        super().__init__()
        self.line = Line(address)
        self.forms: dict[str, verbs_pb2.VerbForm] = {}
        """What can be asked for, by the verb's id, in the order of a menu."""
        self.info = None
        """GetServerInfoResponse of the last answer, also while it is silent: edits on their way go by it. None before the first."""
        self.models = ()
        self.trouble = None
        """Why there is no connection; None while there is one, and before the first answer."""
        self.was_ready = False
        """Whether it ever answered since this address is used."""
        self._failures = 0
        self._task = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.check)

    @property
    def is_ready(self) -> bool:
        return self.info is not None and self.trouble is None

    async def ready(self) -> None:
        """Waits for the first answer. Raises the Trouble that there is."""
        while self.info is None and self.trouble is None:
            await sleep(WAIT_S)
        if self.trouble:
            raise self.trouble

    def show_forms(self, answer: verbs_pb2.DescribeVerbsResponse) -> None:
        """What can be asked for, as this or an earlier server said."""
        self.forms = {form.id: form for form in answer.verbs}

    def use(self, address: Address) -> None:
        """Turns to another server."""
        self.stop()
        self.line = Line(address)
        self.info, self.models, self.trouble, self._failures, self.was_ready = None, (), None, 0, False
        self.changed.emit()
        self.check()

    def check(self) -> None:
        """Asks now; the answer comes with `changed`."""
        if self._task and not self._task.done():
            return
        self._timer.stop()
        self._task = Task(self._check())

    def stop(self) -> None:
        """Asks no more."""
        self._timer.stop()
        if self._task:
            self._task.cancel()

    async def _check(self) -> None:
        before = self._state()
        try:
            await self._ask()
            self.trouble, self._failures, self.was_ready = None, 0, True
        except Trouble as trouble:
            self.trouble = trouble
            self._failures += 1
        self._timer.start(int(1000 * (CHECK_S if self.is_ready else RETRY_S[min(self._failures, len(RETRY_S)) - 1])))
        if before != self._state():
            self.changed.emit()

    def _state(self):
        return (self.is_ready, str(self.trouble), self.info.version if self.info else "", self.models, self.forms)

    async def describe(self) -> None:
        """Asks anew what can be asked for."""
        answer = await self.line.call(verbs_pb2.DescribeVerbsRequest(), CALL_S)
        self.show_forms(answer)
        self.described.emit(answer)

    async def _ask(self) -> None:
        info = await self.line.call(inlay_pb2.GetServerInfoRequest(), CALL_S)
        if info.protocol != PROTOCOL:
            raise Trouble(
                "failed_precondition",
                f"The server speaks protocol {info.protocol}, this plugin {PROTOCOL}.",
                "Update the older of the two; “inlay krita install” brings the plugin that fits the server.",
            )
        models = await self.line.call(inlay_pb2.ListModelsRequest(), CALL_S)
        if tuple(models.models) != self.models or self.info is None or info.styles != self.info.styles:
            await self.describe()
        self.models = tuple(models.models)
        self.info = info
