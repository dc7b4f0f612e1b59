"""The studio's certificate: made once, its owner's alone, good for decades; what others sign is not taken for it."""

import datetime
import io
import threading
from pathlib import Path

import c2pa
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from inlay import provenance
from inlay.provenance.certificate import Identity, identity, kept
from inlay.provenance.manifest import manifest_of
from inlay.provenance.reading import look, verdict
from inlay.provenance.signing import embedded

SECOND = datetime.timedelta(seconds=1)


def parts(data: Path) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates((data / "credentials" / "chain.pem").read_bytes())


def test_it_is_made_once_and_only_its_owner_can_read_the_key(tmp_path) -> None:
    assert kept(tmp_path) is None
    made: list[Identity] = []
    racers = [threading.Thread(target=lambda: made.append(identity(tmp_path))) for _ in range(4)]
    for one in racers:
        one.start()
    for one in racers:
        one.join()

    assert len({*made, kept(tmp_path)}) == 1
    assert (tmp_path / "credentials" / "key.pem").stat().st_mode & 0o777 == 0o600
    assert b"PRIVATE KEY" not in (tmp_path / "credentials" / "chain.pem").read_bytes()


def test_it_is_what_the_specification_asks_and_outlives_us(tmp_path) -> None:
    identity(tmp_path)
    leaf, root = parts(tmp_path)

    assert isinstance(leaf.public_key(), ec.EllipticCurvePublicKey)
    assert leaf.public_key().curve.name == "secp256r1"
    (purpose,) = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert purpose == ExtendedKeyUsageOID.EMAIL_PROTECTION
    assert leaf.extensions.get_extension_for_class(x509.KeyUsage).value.digital_signature
    assert not leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert root.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    leaf.verify_directly_issued_by(root)
    for one in (leaf, root):
        assert one.not_valid_after_utc.year - datetime.datetime.now(datetime.UTC).year >= 30
        assert {name.oid for name in one.subject} == {NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME}


def test_it_is_known_where_its_root_is_and_nowhere_else(png, acts, studio, tmp_path) -> None:
    path, elsewhere = tmp_path / "photo.png", tmp_path / "another studio"
    path.write_bytes(png)
    provenance.sign(path, acts, studio)
    own, other = identity(studio).root, identity(elsewhere).root

    states = [look(path, roots).verdict.state for roots in (own, other, b"", other + own)]

    assert states == ["Trusted", "Valid", "Valid", "Trusted"]
    for roots, state in ((own, "Trusted"), (other, "Valid")):
        settings = {"trust": {"user_anchors": roots.decode()}}
        reader = c2pa.Reader("image/png", io.BytesIO(path.read_bytes()), context=c2pa.Context.from_dict(settings))
        assert reader.get_validation_state() == state


def test_what_an_expired_certificate_signed_does_not_count_any_more(png, acts) -> None:
    """One that expires as soon as it has signed, within two seconds."""
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ends = datetime.datetime.now(datetime.UTC).replace(microsecond=0) + 2 * SECOND
    root = issued("short root", root_key, root_key, ends)
    by = Identity(issued("short", key, root_key, ends) + root, secret_of(key), root)
    made = embedded(png, "image/png", manifest_of(acts, "image/png", has_parent=False, with_words=False), None, by)

    found, first = None, verdict(made, "image/png", roots=root)
    while (found is None or found.state != "Invalid") and datetime.datetime.now(datetime.UTC) < ends + 5 * SECOND:
        found = verdict(made, "image/png", roots=root)

    assert first
    assert found
    assert (first.state, found.state) == ("Trusted", "Invalid")
    assert "signingCredential.expired" in found.failures


def issued(
    name: str, key: ec.EllipticCurvePrivateKey, by: ec.EllipticCurvePrivateKey, ends: datetime.datetime
) -> bytes:
    """A certificate as the specification asks, PEM; of an authority where it is its own issuer."""
    is_root = key is by
    unused = "content_commitment key_encipherment data_encipherment key_agreement crl_sign encipher_only decipher_only"
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "short root")]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(ends - datetime.timedelta(days=365))
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
        .add_extension(
            x509.KeyUsage(digital_signature=not is_root, key_cert_sign=is_root, **dict.fromkeys(unused.split(), False)),
            critical=True,
        )
    )
    if not is_root:
        made = made.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
    return made.sign(by, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def secret_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    pem = serialization.Encoding.PEM
    return key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def test_the_library_takes_the_certificate_for_every_format_it_embeds(png, acts, studio) -> None:
    """And nothing of the key lands in the file."""
    by = identity(studio)
    made = embedded(png, "image/png", manifest_of(acts, "image/png", has_parent=False, with_words=False), None, by)
    found = verdict(made, "image/png", roots=by.root)
    assert found
    assert found.state == "Trusted"
    assert by.key.splitlines()[1] not in made
