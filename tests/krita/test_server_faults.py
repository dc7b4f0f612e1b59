"""A server that is not there, dies or comes back is shown and survived."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from skimage import data

from krita.conftest import Server
from krita.driver import Krita
from krita.gate import Gate
from krita.photo import grainy, soft, write


@pytest.fixture
def frail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of this test's own, to be killed."""
    running = Server(tmp_path_factory.mktemp("frail"))
    yield running
    running.kill()


@pytest.fixture
def gate(server: Server) -> Iterator[Gate]:
    """A way to the server of these tests, on which calls get lost."""
    between = Gate(server.url)
    yield between
    between.close()


def open_picture(krita: Krita, url: str, folder: Path) -> None:
    krita.script(
        "server_faults/open",
        url=url,
        pixels=write(grainy(300, 220, "RGBA", "U8"), folder / "pixels"),
        mask=write(soft(300, 220, (150, 100), 40, 10), folder / "mask"),
    )


def test_an_absent_server_is_named_with_a_cure(real_krita: Krita):
    result = real_krita.script("server_faults/an_absent_server_is_named_with_a_cure")
    assert result["trouble"] == result["reason"]
    assert "Nobody answers at http://127.0.0.1:9" in result["reason"]
    assert "inlay serve" in result["reason"]
    assert result["command"] == "inlay serve"


class Page(BaseHTTPRequestHandler):
    """A web page that answers whatever it is asked, as a hotel's network or another program's does."""

    def do_POST(self) -> None:
        body = b"<!doctype html><title>Welcome</title>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


def test_a_page_that_answers_in_the_servers_place_is_told_from_it(real_krita: Krita):
    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as page:
        threading.Thread(target=page.serve_forever, daemon=True).start()
        result = real_krita.script(
            "server_faults/a_page_that_answers_in_the_servers_place_is_told_from_it",
            url=f"http://127.0.0.1:{page.server_port}",
        )
        page.shutdown()
    assert ["another service" in told for told in result["told"]] == [True, True]


def test_an_edit_that_begins_while_its_server_restarts_asks_for_its_plan_again(
    real_krita: Krita, frail: Server, tmp_path
):
    open_picture(real_krita, frail.url, tmp_path)
    real_krita.run("api.session().connection.stop()")  # Nobody notices before the edit does.
    frail.kill()
    real_krita.run("job = api.session().run(Wish(verb='erase', seed=3), made)")
    real_krita.until("'trying again' in job.message.lower() or job.has_ended", 60)
    waiting = real_krita.run("result['phase'], result['said'] = job.phase, job.message")
    frail.start()
    real_krita.until("job.has_ended", 120)
    ended = real_krita.run("result['phase'], result['said'] = job.phase, job.message")
    assert waiting["phase"] == "capturing", waiting
    assert ended["phase"] == "placed", ended


def test_a_server_that_is_away_for_long_before_or_while_something_is_sent_or_fetched_costs_nothing_but_the_time(
    real_krita: Krita, gate: Gate, tmp_path: Path
):
    open_picture(real_krita, gate.url, tmp_path)
    real_krita.run("api.place(api.wait(api.edit(seed=3)))")
    for once, often in (("HasBlobs", "PutBlob"), ("CompareResults", "ReadBlob")):
        gate.lost.update({once: 1, often: 6})
    real_krita.run(
        """
        told = set()
        made.rootNode().childNodes()[0].setPixelData(b"\\x00\\x00\\xff\\xff" * 100, 0, 0, 10, 10)
        made.refreshProjection()
        job = api.session().run(Wish(verb='erase', seed=4), made)
        job.changed.connect(lambda: told.add((job.phase, job.message)))
        """
    )
    real_krita.until("job.has_ended", 120)
    ended = real_krita.run("result.update(phase=job.phase, said=job.message, told=sorted(told), tree=tree(made))")
    assert ended["phase"] == "placed", ended
    assert not +gate.lost, gate.lost
    assert len(ended["tree"][0][2]) == 3, "both variations and the mask"
    heard = [phase for phase, said in ended["told"] if "trying again" in said.lower()]
    assert {"uploading", "fetching"} <= set(heard), ended["told"]


def test_apply_and_formats_ask_again_on_a_bad_line_and_say_so_meanwhile(real_krita: Krita, gate: Gate, tmp_path: Path):
    photo = data.astronaut()
    opaque = np.dstack([photo[..., ::-1], np.full(photo.shape[:2], 255, np.uint8)])
    real_krita.script(
        "server_faults/apply_on_a_bad_line",
        url=gate.url,
        photo=write(opaque, tmp_path / "photo"),
        mask=write(soft(512, 512, (169, 383), 40, 6), tmp_path / "mask"),
    )
    gate.lost.update(HasBlobs=1, PutBlob=6, CarryMask=2, ReadBlob=6)
    real_krita.run("work.start()")
    real_krita.until("work.is_over", 120)
    seen = real_krita.run("result.update(told=told)")["told"]
    assert not +gate.lost, gate.lost
    (state, said), *_ = seen[-1]
    assert (state, said) == ("done", "")
    lost = [state for ((state, said),) in seen if "closed the connection" in said and "Trying again" in said]
    assert {"waiting", "working"} == set(lost), "while the picture is sent, and while it is looked for in the other one"

    gate.lost.update(FrameFormats=2)
    real_krita.run(
        """
        shown_panel = panel()
        shown_panel.do("table")
        dialog = next(one for one in shown_panel.window().children() if type(one).__name__ == "Table")
        """
    )
    real_krita.until("dialog.formats.count() == 8", 60)
    assert not +gate.lost
    real_krita.run("dialog.reject()")


def test_an_edit_survives_that_its_server_is_killed_and_started_again(real_krita: Krita, frail: Server, tmp_path):
    picture = grainy(700, 600, "RGBA", "U8")
    given = {
        "pixels": write(picture, tmp_path / "pixels"),
        "mask": write(soft(700, 600, (340, 300), 90, 20), tmp_path / "mask"),
    }
    real_krita.begin(
        "server_faults/an_edit_survives_that_its_server_is_killed_and_started_again",
        url=frail.url,
        folder=str(tmp_path),
        **given,
    )
    real_krita.wait_for(tmp_path / "submitted", 60)
    frail.kill()
    frail.start()
    result = real_krita.finish(150)
    assert len(result["tree"][0][2]) == 5, "four variations and the mask"
    assert result["ready"] is True


def test_an_edit_outlives_a_server_that_is_silent_for_a_while(real_krita: Krita, frail: Server, tmp_path):
    given = {
        "pixels": write(grainy(300, 200, "RGBA", "U8"), tmp_path / "pixels"),
        "mask": write(soft(300, 200, (150, 100), 30, 6), tmp_path / "mask"),
    }
    real_krita.script(
        "server_faults/an_edit_outlives_a_server_that_is_silent_for_a_while",
        url=frail.url,
        **given,
    )
    frail.pause()
    try:
        real_krita.run("connection.check(); edit = api.edit(count=2, seed=9)")
        real_krita.until("connection.trouble")
    finally:
        frail.resume()
    real_krita.until("edit.has_ended or edit.phase == 'finished'")
    assert real_krita.run("result.update(phase=edit.phase, said=edit.message)") == {"phase": "finished", "said": ""}


def test_the_token_of_a_server_of_this_machine_need_not_be_entered(real_krita: Krita):
    own = Server(real_krita.home / "share" / "inlay")
    try:
        result = real_krita.script(
            "server_faults/the_token_of_a_server_of_this_machine_need_not_be_entered",
            url=own.url,
        )
    finally:
        own.kill()
    assert result["ready"] is True


def test_a_token_that_is_wanted_and_wrong_is_named(real_krita: Krita, tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("guarded")
    (folder / "token").write_text("correct horse")
    guarded = Server(folder / "data", more=("--token-file", str(folder / "token")))
    try:
        result = real_krita.script(
            "server_faults/a_token_that_is_wanted_and_wrong_is_named",
            url=guarded.url,
        )
    finally:
        guarded.kill()
    assert "token" in result[""]
    assert "token" in result["wrong"]
    assert result["correct horse"] == "ready"
