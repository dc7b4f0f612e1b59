"""What a job has asked other servers for, on the disk before it is asked: a call that costs money is made once, whatever dies.

One folder for each job, two files for each call: that it was begun, and its answer. `inlay.engines.interface.Ledger`.
"""

import os
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from inlay.errors import MayBeBilled


class JobLedger:
    """Of one job, in `folder`. All of it is kept until the end of the job is in the journal."""

    def __init__(self, folder: Path, job_id: str) -> None:
        self._job_id = job_id
        self._folder = folder / job_id

    @property
    def job_id(self) -> str:
        return self._job_id

    def kept(self, key: str) -> bytes | None:
        """The answer to a call, where it arrived."""
        try:
            return self._place(key, "answer").read_bytes()
        except FileNotFoundError:
            return None

    def begin(self, key: str, to: str) -> None:
        """Raises MayBeBilled where the call was begun before."""
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            with self._place(key, "begun").open("xb") as file:
                file.write(to.encode())
                file.flush()
                os.fsync(file.fileno())
        except FileExistsError:
            raise MayBeBilled(to, "then this server or its worker ended before the answer came") from None
        self._sync()

    def keep(self, key: str, answer: bytes) -> None:
        """The answer has arrived. Not waited for the disk: where power fails, the call counts as one whose end nobody knows."""
        partial = self._place(key, "partial")
        partial.write_bytes(answer)
        os.replace(partial, self._place(key, "answer"))

    def forget(self, key: str) -> None:
        """The call may be made again."""
        self._place(key, "begun").unlink(missing_ok=True)

    def _place(self, key: str, what: str) -> Path:
        return self._folder / f"{sha256(key.encode()).hexdigest()[:32]}.{what}"

    def _sync(self) -> None:
        if os.name != "posix":  # there a folder cannot be opened
            return
        opened = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def ledgers_beside(journal: Path) -> Path:
    """The folder of all ledgers of a journal's jobs."""
    return journal.parent / "remote"


def sweep(folder: Path, is_over: Callable[[str], bool]) -> None:
    """Remove the ledgers of jobs that are over."""
    for left in folder.glob("*"):
        if is_over(left.name):
            shutil.rmtree(left, ignore_errors=True)
