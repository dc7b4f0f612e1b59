"""The card that stands where no server ever answered: its command can be copied, and the doctor says what it saw."""

from krita.driver import Krita


def test_the_card_copies_its_command_and_the_doctor_looks(real_krita: Krita, tmp_path):
    program = tmp_path / "inlay"
    program.write_text('#!/bin/sh\necho "$@ looked: nobody answers there"\n')
    program.chmod(0o755)
    real_krita.run(
        """
        from inlay_bridge.inside import *
        import os
        from PyQt5.QtTest import QTest
        shown_panel = panel()
        use_server("http://127.0.0.1:9")
        pump_until(lambda: shown_panel.first_run.isVisible(), 20)
        card = shown_panel.first_run
        buttons = {one.text(): one for one in card.findChildren(QtWidgets.QPushButton)}
        QtWidgets.QApplication.clipboard().setText("something else")
        QTest.mouseClick(buttons["Copy"], Qt.LeftButton)
        result["copied"] = QtWidgets.QApplication.clipboard().text()
        path = os.environ["PATH"]
        os.environ["PATH"] = folder + ":" + path
        QTest.mouseClick(buttons["Doctor"], Qt.LeftButton)
        os.environ["PATH"] = path
        """,
        folder=str(tmp_path),
    )
    real_krita.until("'looked' in card.findings.text()", 30)
    seen = real_krita.run(
        """
        result["found"] = card.findings.text()
        result["visible"] = card.findings.isVisible()
        os.environ["PATH"] = "/nowhere"
        QTest.mouseClick(buttons["Doctor"], Qt.LeftButton)
        result["without"] = card.findings.text()
        os.environ["PATH"] = path
        """
    )
    copied = real_krita.run("result['copied'] = QtWidgets.QApplication.clipboard().text()")["copied"]
    assert copied == "inlay serve"
    assert seen["found"] == "doctor --server 127.0.0.1:9 looked: nobody answers there"
    assert seen["visible"]
    assert seen["without"] == "inlay doctor --server 127.0.0.1:9", (
        "where it is not installed, what to type stands there"
    )
