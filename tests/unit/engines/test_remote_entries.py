"""Models on other servers in models.toml: what an entry may say, and that a key or a stray address never gets in or out."""

import pytest

from inlay.engines.models.catalog import Catalog
from inlay.engines.models.remote_entry import Price, Remote, remote_of
from inlay.engines.models.remote_families import remote_entry
from inlay.engines.registry import capabilities_of, why_not
from inlay.engines.remote.keys import Key, key_of
from inlay.errors import InvalidInput

HTTPS = "https://example.org/v1"


def entry(**said):
    return remote_entry("away", "images_api", remote_of("remote", {"address": HTTPS, "model": "m", **said}))


@pytest.mark.parametrize(
    "address", ["https://example.org", "http://127.0.0.1:8188", "http://[::1]:9/x", "http://localhost"]
)
def test_an_address_is_https_or_this_machines(address):
    assert remote_of("remote", {"address": address + "/"}).address == address


@pytest.mark.parametrize(
    "address",
    [
        *(
            "http://example.org",
            "http://192.168.1.20:8000",
            "http://127.0.0.1.example.org",
            "ftp://example.org",
            "example.org",
        ),
        *("https://user:secret@example.org", "https://example.org/?key=secret", "https://", "file:///etc/passwd", ""),
    ],
)
def test_any_other_address_is_refused_and_no_secret_in_it_repeated(address):
    with pytest.raises(InvalidInput, match="https://HOST") as caught:
        remote_of("remote", {"address": address})
    assert "secret" not in caught.value.message


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"mask": "black"}, "remote.mask"),
        ({"mask_field": "a b"}, "remote.mask_field"),
        ({"key_env": "sk-abc"}, "remote.key_env"),
        ({"key_env": "A", "key_file": "/x"}, "remote.key_file"),
        ({"multiple": 0}, "remote.multiple"),
        ({"max_px": 1}, "remote.max_px"),
        ({"max_px": True}, "remote.max_px"),
        ({"price": {"amount": 1}}, "remote.price.as_of"),
        ({"price": {"amount": "1"}}, "remote.price"),
        ({"timeout_s": 0}, "remote.timeout_s"),
        ({"references": 99}, "remote.references"),
        ({"further": {"a b": "c"}}, "remote.further"),
        ({"allow_api_nodes": True}, "remote.sends_pixels_to"),
        ({"colour": "red"}, "remote.colour"),
    ],
)
def test_a_wrong_value_names_its_key(said, field):
    with pytest.raises(InvalidInput) as caught:
        remote_of("remote", {"address": HTTPS, **said})
    assert caught.value.field == field
    assert "sk-abc" not in caught.value.message


def test_what_the_file_says_comes_back_whole(tmp_path):
    said = {
        "price": {"amount": 0.04, "currency": "EUR", "as_of": "2026-11-02"},
        "further": {"quality": "high"},
        "mask": "alpha",
        "timeout_s": 60,
    }
    catalog = Catalog(tmp_path / "models.toml")
    made = catalog.add(entry(**said))
    assert Catalog(catalog.path).entries() == (made,)
    assert made.remote.price == Price(0.04, "EUR", "2026-11-02")


def test_its_identity_is_what_decides_pixels():
    plain = entry()
    same = [entry(price={"amount": 1, "as_of": "2026-01"}), entry(key_env="K"), entry(timeout_s=9)]
    other = [entry(mask="alpha"), entry(further={"quality": "low"}), entry(model="n"), entry(steps=4)]
    assert {one.sha256 for one in same} == {plain.sha256}
    assert len({plain.sha256, *(one.sha256 for one in other)}) == 5


def test_this_machines_servers_get_pixels_that_leave_nobody():
    local = remote_entry("a", "images_api", Remote("http://127.0.0.1:1", model="m"))
    named = remote_entry("b", "images_api", Remote("http://127.0.0.1:1", model="m", sends_pixels_to="Somebody"))
    far = remote_entry("c", "images_api", Remote(HTTPS, model="m"))
    able = [capabilities_of(one) for one in (local, named, far)]
    assert [one.leaves for one in able] == ["", "Somebody", "example.org"]
    assert [one.outside is None for one in able] == [True, False, False]
    assert all(one.remote for one in able)


def test_a_key_is_shown_by_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("K", "sk-secret")
    found = key_of(entry(key_env="K"))
    assert found.reveal() == "sk-secret"
    assert "sk-secret" not in f"{found!r} {found} {[found]}"
    assert found.hidden_in("bad sk-secret!") == "bad ***!"
    assert not Key("")


def test_a_model_without_its_key_says_where_it_should_be(tmp_path, monkeypatch):
    monkeypatch.delenv("NO_SUCH", raising=False)
    assert "NO_SUCH" in why_not(entry(key_env="NO_SUCH"))
    assert "inlay models key away" in why_not(entry(key_file=str(tmp_path / "none")))
