"""What a panel's setup page is told, through every door."""

from inlay.v1 import setup_pb2
from rpc.doors import call


def test_a_server_says_what_its_machine_has_and_what_to_type(door):
    sections = call(door, "DescribeSetup", setup_pb2.DescribeSetupRequest()).sections
    assert [section.title for section in sections] == [
        "This machine",
        "Your models",
        "What would run well here",
        "Small networks that find and read",
        "Where it goes",
        "The first picture",
    ]
    assert all(section.lines for section in sections)
    assert "inlay demo" in [line.command for line in sections[0].lines]


def test_a_german_editor_reads_it_in_german(door):
    sections = call(door, "DescribeSetup", setup_pb2.DescribeSetupRequest(locale="de-AT")).sections
    assert sections[0].title == "Dieser Rechner"
