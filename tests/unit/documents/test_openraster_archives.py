"""OpenRaster files that want to break something: limits before anything is unpacked, and nothing leads out of the file."""

import tracemalloc
import zipfile

import numpy as np
import pytest

from inlay import documents
from inlay.documents.png import encode_png
from inlay.errors import InvalidInput

MERGED = encode_png(np.full((200, 240, 3), 90, np.uint8))
PLAIN = '<image w="240" h="200"><stack><layer src="data/a.png"/></stack></image>'


def write(path, entries: dict[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> None:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, body in entries.items():
            archive.writestr(name, body)


def test_entries_that_unpack_to_far_more_than_the_file_are_refused(tmp_path) -> None:
    zeros = bytes(70 << 20)
    write(tmp_path / "x.ora", {"stack.xml": PLAIN, "mergedimage.png": MERGED, "data/a.png": zeros, "data/b.png": zeros})
    assert (tmp_path / "x.ora").stat().st_size < 1_000_000
    with pytest.raises(InvalidInput, match=r"an archive that unpacks to 146\d+ bytes"):
        documents.read(tmp_path / "x.ora")


def test_an_entry_longer_than_its_document_can_need_is_refused_without_being_held(tmp_path) -> None:
    noise = np.random.default_rng(0).bytes(1 << 20)
    write(tmp_path / "x.ora", {"stack.xml": PLAIN, "mergedimage.png": bytes(70 << 20), "noise": noise})
    tracemalloc.start()
    with pytest.raises(InvalidInput, match=r"mergedimage\.png unpacks to more than 67108864 bytes"):
        documents.read(tmp_path / "x.ora")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 210 << 20


def test_kept_entries_stay_as_packed_as_they_were(tmp_path, edit_of) -> None:
    flat = encode_png(np.zeros((200, 240, 4), np.uint8))
    write(
        tmp_path / "x.ora",
        {"stack.xml": PLAIN, "mergedimage.png": MERGED, "data/a.png": flat, "notes.txt": b" " * 4_000_000},
    )
    document = documents.read(tmp_path / "x.ora")
    documents.write(tmp_path / "result.ora", document, [edit_of(document)])
    with zipfile.ZipFile(tmp_path / "result.ora") as result:
        assert (result.read("data/a.png"), len(result.read("notes.txt"))) == (flat, 4_000_000)
    assert (tmp_path / "result.ora").stat().st_size < 1_000_000


@pytest.mark.parametrize("depth", [201, 2000])
def test_groups_deeper_than_any_program_nests_are_refused_when_the_file_is_read(tmp_path, depth) -> None:
    stack = "<stack>" * depth + "</stack>" * depth
    write(tmp_path / "x.ora", {"stack.xml": f'<image w="240" h="200">{stack}</image>', "mergedimage.png": MERGED})
    with pytest.raises(InvalidInput, match="groups more than 200 deep"):
        documents.read(tmp_path / "x.ora")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
def test_a_document_type_is_refused_in_every_encoding(tmp_path, encoding) -> None:
    name = encoding.replace("-le", "").replace("-be", "")
    text = f'<?xml version="1.0" encoding="{name}"?><!DOCTYPE image [<!ENTITY a "b">]>{PLAIN}'
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    write(tmp_path / "x.ora", {"stack.xml": mark + text.encode(encoding), "mergedimage.png": MERGED})
    with pytest.raises(InvalidInput, match="document type"):
        documents.read(tmp_path / "x.ora")


def test_names_that_lead_out_of_the_file_are_not_copied(tmp_path, edit_of) -> None:
    outside = ["../../x", "/abs", "C:\\x", "a/../../b", "\\\\host\\share"]
    entries = {"stack.xml": PLAIN, "mergedimage.png": MERGED, "data/a.png": MERGED, "a..b/c.txt": b"kept"}
    write(tmp_path / "x.ora", entries | dict.fromkeys(outside, b"out"))
    document = documents.read(tmp_path / "x.ora")
    notes = documents.write(tmp_path / "result.ora", document, [edit_of(document)])
    with zipfile.ZipFile(tmp_path / "result.ora") as result:
        names = set(result.namelist())
    assert not names & {*outside, "C:/x"}
    assert {"data/a.png", "a..b/c.txt"} <= names
    assert any("lead out of the file" in note for note in notes)
