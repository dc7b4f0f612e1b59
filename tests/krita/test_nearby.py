"""Krita's settings: a server that is found on the network, and lets this machine in by two words."""

import re
from pathlib import Path

from inlay.client import Client
from inlay.rpc.security import own_certificate
from krita.driver import Krita, Screen
from rpc.process import running_server

OWNER = "the owner's"


def test_a_server_is_found_and_lets_this_machine_in_by_the_words_that_it_shows(
    real_krita: Krita, screen: Screen, screenshots: Path, tmp_path: Path
):
    tls = own_certificate(tmp_path)
    paths = {"certificate": str(tls.certificate), "key": str(tls.key)}
    with running_server(tmp_path / "data", tls=paths, token=OWNER, announces=True) as server:
        real_krita.script("nearby/open")
        try:
            url = f"https://127.0.0.1:{server.http_port}"
            real_krita.until(f"settings.nearby.servers.findData({url!r}) >= 0 or settings.nearby.find.isEnabled()")
            asked = real_krita.script("nearby/ask", url=url)
            assert asked["entered"] == url
            assert url in asked["shown"]
            real_krita.until("'-' in settings.nearby.told.text()")
            screen.screenshot(screenshots / "settings-with-pairing.png")
            told = real_krita.run("result['told'] = settings.nearby.told.text()")["told"]
            (words,) = re.findall("[a-z]{5}-[a-z]{5}", told)
            with Client(server.address, token=OWNER, ca=tls.certificate) as owner:
                (waiting,) = owner.pairings.list()
                assert (waiting.words, waiting.name) == (words, "Anna")
                owner.pairings.accept(words)
            real_krita.until("settings.address().token.startswith('inlay_')")
            seen = real_krita.script("nearby/seen")
            assert seen["token"].startswith("inlay_")
            assert seen["kept"] == seen["token"]
            assert Path(seen["certificate"]).read_text().strip() == tls.certificate.read_text().strip()
            real_krita.until("first_call.done()")
            assert real_krita.run("result['version'] = first_call.result().version")["version"]
        finally:
            real_krita.script("nearby/close")
