"""The card that stands where no server ever answered: its command can be copied, and the doctor says what it saw."""

from krita.driver import Krita


def test_the_card_copies_its_command_and_the_doctor_looks(real_krita: Krita, tmp_path):
    program = tmp_path / "inlay"
    program.write_text('#!/bin/sh\necho "$@ looked: nobody answers there"\n')
    program.chmod(0o755)
    real_krita.script(
        "first_run/the_card_copies_its_command_and_the_doctor_looks_1",
        folder=str(tmp_path),
    )
    real_krita.until("'looked' in card.findings.text()", 30)
    seen = real_krita.script("first_run/the_card_copies_its_command_and_the_doctor_looks_2")
    copied = real_krita.run("result['copied'] = QtWidgets.QApplication.clipboard().text()")["copied"]
    assert copied == "inlay serve"
    assert seen["found"] == "doctor --server 127.0.0.1:9 looked: nobody answers there"
    assert seen["visible"]
    assert seen["without"] == "inlay doctor --server 127.0.0.1:9", (
        "where it is not installed, what to type stands there"
    )
