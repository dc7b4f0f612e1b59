"""`inlay sign` and `inlay verify` on real files, as a studio's person calls them."""

# pyright: reportDeprecated=false, reportIncompatibleMethodOverride=false

import hashlib
import re
import shutil
import struct
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import c2pa
import numpy as np
import pytest
from cryptography import x509
from PIL import Image

from cli.conftest import INLAY, Run, Serving
from support.signed_files import TERMS, term_of, validated


@pytest.fixture(scope="module")
def erased(inlay: Run, server: Serving, photo: Path, mask: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The photograph with a place erased, by the classic engine; flattened."""
    out = tmp_path_factory.mktemp("erased") / "erased.png"
    said = inlay("edit", photo, "--verb", "erase", "--mask", mask, "--seed", 1, "--out", out, "--data", server.data)
    assert said.code == 0, said.err
    return out


def with_packet(path: Path, packet: bytes) -> None:
    """A PNG's XMP, put in by hand."""
    data = path.read_bytes()
    body = b"iTXt" + b"XML:com.adobe.xmp\0\0\0\0\0" + packet
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    path.write_bytes(data[:33] + chunk + data[33:])


def test_a_result_is_signed_by_what_it_remembers_and_read_back(
    inlay: Run, erased: Path, photo: Path, tmp_path: Path
) -> None:
    signed, studio = tmp_path / "final.png", tmp_path / "studio"
    shutil.copy(erased, signed)

    said = inlay("sign", signed, "--original", photo, "--data", studio)

    assert said.code == 0, said.err
    assert said.out == f"signed {signed}: 1 edit, humanEdits\n"
    assert np.array_equal(np.asarray(Image.open(signed)), np.asarray(Image.open(erased)))
    read = inlay("verify", signed, "--data", studio)
    assert read.code == 0, read.err
    assert read.out.startswith("Trusted: intact")
    assert re.search(r"c2pa\.edited: erase at \d+, \d+, \d+ x \d+ px \(humanEdits\)", read.out)
    assert "from original, without Content Credentials" in read.out
    assert "XMP DigitalSourceType: humanEdits" in read.out
    outside = inlay("verify", signed, "--data", tmp_path / "another studio", "--json")
    assert outside.json["verdict"]["state"] == "Valid"
    assert not (tmp_path / "another studio").exists()


def test_an_exported_file_is_signed_by_the_work_that_it_came_of(
    inlay: Run, server: Serving, photo: Path, mask: Path, tmp_path: Path
) -> None:
    """An editor's export remembers nothing; the layered file does."""
    work, export = tmp_path / "work.ora", tmp_path / "export.jpg"
    edit = ("edit", photo, "--verb", "erase", "--mask", mask, "--seed", 1, "--out", work, "--data", server.data)
    assert inlay(*edit).code == 0
    Image.open(photo).save(export, quality=95)
    alone = inlay("sign", export, "--data", tmp_path)
    assert alone.code == 2
    assert "it must remember an edit of Inlay's, or one be named with --job or --from" in alone.err

    said = inlay("sign", export, work, "--from", work, "--data", tmp_path, "--json")

    assert said.code == 0, said.err
    assert [row["term"] for row in said.json] == ["humanEdits", "humanEdits"]
    assert [Path(row["mark"]).name for row in said.json] == ["export.jpg", "work.ora.c2pa"]
    for file in (export, work):
        assert inlay("verify", file, "--data", tmp_path).out.startswith("Trusted")


def test_jobs_of_a_server_are_named_where_no_file_remembers(
    inlay: Run, server: Serving, photo: Path, mask: Path, tmp_path: Path
) -> None:
    copy, out = tmp_path / "copy.png", tmp_path / "out.png"
    shutil.copy(photo, copy)
    edit = ("edit", photo, "--verb", "recolor", "--mask", mask, "--target-color", "#a03020", "--out", out)
    job = inlay(*edit, "--data", server.data, "--json").json["job_id"]

    said = inlay("sign", copy, "--job", job[:13], "--data", server.data)

    assert said.code == 0, said.err
    assert said.out.endswith(": 1 edit, algorithmicallyEnhanced\n")
    assert inlay("sign", copy, "--job", "00000000", "--data", server.data).code == 5


def test_a_signed_original_stays_the_parent_of_what_is_made_of_it(
    inlay: Run, server: Serving, erased: Path, mask: Path, tmp_path: Path
) -> None:
    """Through two commands, one of which writes a picture of another size; where it is declined, a note says what was lost."""
    signed, larger, second, bare = (tmp_path / f"{name}.png" for name in ("signed", "larger", "second", "bare"))
    shutil.copy(erased, signed)
    studio = ("--data", server.data)
    assert inlay("sign", signed, *studio).code == 0

    said = inlay("upscale", signed, "--scale", "2x", "--model", "lanczos", "--out", larger, *studio)
    assert said.code == 0, said.err
    recolor = ("edit", signed, "--verb", "recolor", "--mask", mask, "--target-color", "#a03020", *studio)
    assert inlay(*recolor, "--out", second).code == 0
    declined = inlay(*recolor, "--out", bare, "--no-sign")

    read = inlay("verify", larger, *studio).out
    assert read.startswith("Trusted")
    assert re.search(r"c2pa\.edited: upscale .*\(algorithmicallyEnhanced\)\n  from original\n.*erase", read, re.DOTALL)
    assert read.endswith("XMP DigitalSourceType: humanEdits\n")
    assert Image.open(larger).size == (384, 384)
    assert inlay("verify", second, *studio).out.count("made with Inlay") == 2
    assert "note: Content Credentials (C2PA) were left out" in declined.out
    assert Image.open(bare).info["XML:com.adobe.xmp"].count("DigitalSourceType>") == 2


def test_the_root_is_printed_for_the_studios_readers(inlay: Run, tmp_path: Path) -> None:
    said, again = (inlay("sign", "--show", "--data", tmp_path) for _ in range(2))
    assert said.code == 0, said.err
    assert said.out == again.out
    root = x509.load_pem_x509_certificate(said.out.encode())
    assert root.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_a_changed_file_ends_with_a_code_of_its_own_and_so_does_an_unsigned_one(
    inlay: Run, erased: Path, photo: Path, tmp_path: Path
) -> None:
    signed = tmp_path / "final.png"
    shutil.copy(erased, signed)
    assert inlay("sign", signed, "--data", tmp_path).code == 0
    with_packet(signed, b"<later/>")

    changed, bare = inlay("verify", signed, "--data", tmp_path), inlay("verify", photo, "--data", tmp_path)

    assert changed.code == 4
    assert changed.out.startswith("Invalid: broken")
    assert "failed: assertion.dataHash.mismatch" in changed.out
    assert (bare.code, bare.out) == (5, "no Content Credentials\nXMP DigitalSourceType: none\n")


@contextmanager
def listening() -> Iterator[tuple[str, list[str]]]:
    """A web server, and what it was asked for."""
    asked: list[str] = []

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


def test_an_address_of_a_mark_in_the_net_is_not_followed(inlay: Run, erased: Path, photo: Path, tmp_path: Path) -> None:
    """XMP may say where a file's mark lies. The library would go there, as the last lines show."""
    signed, linked = tmp_path / "final.png", tmp_path / "linked.png"
    with listening() as (address, asked):
        packet = (
            '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
            '<rdf:Description rdf:about="" xmlns:dcterms="http://purl.org/dc/terms/" '
            f'dcterms:provenance="{address}/mark.c2pa"/></rdf:RDF></x:xmpmeta>'
        ).encode()
        shutil.copy(erased, signed)
        shutil.copy(photo, linked)
        for path in (signed, linked):
            with_packet(path, packet)

        assert inlay("verify", linked, "--data", tmp_path).code == 5
        assert inlay("sign", signed, "--original", linked, "--data", tmp_path).code == 0
        assert inlay("verify", signed, "--data", tmp_path).code == 0
        assert asked == []

        with pytest.raises(c2pa.C2paError):
            c2pa.Reader(str(linked))
        assert asked == ["/mark.c2pa"]


@pytest.mark.skipif(shutil.which("strace") is None, reason="there is no strace here")
def test_signing_opens_no_connection(erased: Path, photo: Path, tmp_path: Path, environment: dict[str, str]) -> None:
    """By what the whole process asks of the system, native library included."""
    signed = tmp_path / "final.png"
    shutil.copy(erased, signed)

    def connections(*command: object) -> list[str]:
        log = tmp_path / "calls"
        trace = ["strace", "-f", "-qq", "-o", log, "-e", "trace=connect,sendto,sendmsg"]
        run = [str(part) for part in (*trace, *command)]
        assert subprocess.run(run, env=environment, capture_output=True, timeout=120).returncode == 0
        return [line for line in log.read_text().splitlines() if "connect(" in line or "sin_addr" in line]

    assert connections(*INLAY, "sign", signed, "--original", photo, "--data", tmp_path) == []
    assert connections(*INLAY, "verify", signed, "--data", tmp_path) == []
    dial = "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('127.0.0.1', 9))"
    assert connections(sys.executable, "-c", dial)


def test_a_keyframe_inherits_the_marks_of_what_its_picture_remembers(
    inlay: Run, erased: Path, photo: Path, tmp_path: Path
) -> None:
    order = ("keyframe", "--for", "wan", "--to", "160x96", "--data", tmp_path / "studio", "--json")

    signed = inlay(*order, erased, "--sign", "--out", tmp_path / "signed").json
    stated = inlay(*order, erased, "--out", tmp_path / "stated").json
    plain = inlay(*order, photo, "--out", tmp_path / "plain").json

    marked, bare, untouched = (Path(told["paths"][0]) for told in (signed, stated, plain))
    assert term_of(marked) == term_of(bare) == f"{TERMS}humanEdits"
    assert b"DigitalSourceType" not in untouched.read_bytes()
    assert validated(marked).get_validation_state() in ("Valid", "Trusted")
    assert inlay("verify", bare, "--data", tmp_path / "studio").code == 5
    assert signed["files"][0]["sha256"] == hashlib.sha256(marked.read_bytes()).hexdigest()
    assert np.array_equal(np.asarray(Image.open(marked)), np.asarray(Image.open(bare)))
