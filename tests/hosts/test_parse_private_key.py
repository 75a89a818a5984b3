"""hosts.parse.private_key: what people paste, and what they are told."""

from __future__ import annotations

import contextlib

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from hosts.errors import BadInput
from hosts.parse.private_key import private_key

PASSPHRASE = "slow is smooth"
KEYS = {
    "ed25519": ed25519.Ed25519PrivateKey.generate(),
    "ecdsa": ec.generate_private_key(ec.SECP256R1()),
    "rsa": rsa.generate_private_key(65537, 2048),
}
FORMS = {
    "OpenSSH": PrivateFormat.OpenSSH,
    "PKCS8": PrivateFormat.PKCS8,
    "traditional PEM": PrivateFormat.TraditionalOpenSSL,
}
PAIRS = [
    pytest.param(key, form, id=f"{kind} as {name}")
    for kind, key in KEYS.items()
    for name, form in FORMS.items()
    if (kind, name) != ("ed25519", "traditional PEM")  # there is no such form
]


def written(key: object, form: PrivateFormat, passphrase: str = "") -> str:
    lock: KeySerializationEncryption = NoEncryption()
    if passphrase:
        lock = BestAvailableEncryption(passphrase.encode())
    return key.private_bytes(Encoding.PEM, form, lock).decode()


@pytest.mark.parametrize(("key", "form"), PAIRS)
@pytest.mark.parametrize("passphrase", ["", PASSPHRASE], ids=["open", "locked"])
def test_a_key_is_read_in_every_form_that_people_have(key: object, form: PrivateFormat, passphrase: str) -> None:
    read = private_key(written(key, form, passphrase), passphrase)
    assert read.public_line == private_key(written(key, PrivateFormat.OpenSSH)).public_line


@pytest.mark.parametrize(("key", "form"), PAIRS)
def test_a_wrong_passphrase_is_told_from_a_wrong_key(key: object, form: PrivateFormat) -> None:
    with pytest.raises(BadInput, match="passphrase does not open") as caught:
        private_key(written(key, form, PASSPHRASE), "wrong")
    assert caught.value.field == "passphrase"


@pytest.mark.parametrize(("key", "form"), PAIRS)
def test_a_missing_passphrase_is_asked_for(key: object, form: PrivateFormat) -> None:
    with pytest.raises(BadInput, match="Type its passphrase") as caught:
        private_key(written(key, form, PASSPHRASE))
    assert caught.value.field == "passphrase"


def test_a_passphrase_for_an_open_key_is_not_minded() -> None:
    text = written(KEYS["rsa"], PrivateFormat.PKCS8)
    assert private_key(text, "not needed").public_line == private_key(text).public_line


def test_blanks_and_windows_line_ends_do_not_matter() -> None:
    text = written(KEYS["ed25519"], PrivateFormat.OpenSSH)
    pasted = "\ufeff  " + text.replace("\n", "  \r\n") + "\r\n\r\n"
    assert private_key(pasted).public_line == private_key(text).public_line


def test_the_fingerprint_is_what_ssh_keygen_shows() -> None:
    known = private_key(KNOWN)
    assert known.fingerprint == "SHA256:" + KNOWN_FINGERPRINT


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("", "not a private key", id="nothing"),
        pytest.param("hunter2", "not a private key", id="a password"),
        pytest.param("ssh-ed25519 AAAAC3Nz someone@desk", "public half", id="the public line"),
        pytest.param("PuTTY-User-Key-File-3: ssh-ed25519\n", "PuTTY", id="a PuTTY key"),
        pytest.param("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNz\n", "cut short", id="the first lines only"),
        pytest.param("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "damaged", id="a certificate"),
    ],
)
def test_what_is_no_private_key_is_told_in_words(text: str, told: str) -> None:
    with pytest.raises(BadInput, match=told) as caught:
        private_key(text)
    assert caught.value.field == "key_text"


def test_a_dsa_key_is_refused() -> None:
    weak = dsa.generate_private_key(1024)  # noqa: S505  (that is the point)
    text = written(weak, PrivateFormat.PKCS8)
    with pytest.raises(BadInput, match="not used any more"):
        private_key(text)


@given(st.text(), st.integers(0, 400), st.text(max_size=8))
def test_a_damaged_key_never_raises_anything_but_words(junk: str, place: int, passphrase: str) -> None:
    text = KNOWN[:place] + junk + KNOWN[place + len(junk) :]
    with contextlib.suppress(BadInput):
        assert private_key(text, passphrase).fingerprint


def test_the_key_is_not_in_its_repr() -> None:
    assert "key=" not in repr(private_key(KNOWN))


KNOWN = """\
-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW
QyNTUxOQAAACDd2cE+kfAyMVhneIHOExCgok/4/QIWCHaQzrBg57YKNgAAAIgCCoayAgqG
sgAAAAtzc2gtZWQyNTUxOQAAACDd2cE+kfAyMVhneIHOExCgok/4/QIWCHaQzrBg57YKNg
AAAEAAhBsDNVGNVBRw/LWP1VYDmsX2hq2Gfz3gzFQaB2Jgn93ZwT6R8DIxWGd4gc4TEKCi
T/j9AhYIdpDOsGDntgo2AAAAAAECAwQF
-----END OPENSSH PRIVATE KEY-----
"""
KNOWN_FINGERPRINT = "1exBzg3ZP0PSfQQ/eItMwY9vO8NcLVwooid6gNxMx7Y"
