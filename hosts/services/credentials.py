"""Credentials: keys and passwords in, sealed rows out. What was sealed is opened for a login only."""

from __future__ import annotations

import json

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.db import transaction

from hosts.choices import CredentialKind
from hosts.errors import BadInput
from hosts.models import Credential, FileContent
from hosts.models.sealed import Sealed
from hosts.parse import private_key
from hosts.services.audit import Actor, note


@transaction.atomic
def save_credential(
    credential: Credential, *, by: Actor, key_text: str = "", passphrase: str = "", password: str = ""
) -> Credential:
    """Create or change a credential. Empty secrets leave the stored one as it is; BadInput names the field."""
    is_new = credential.pk is None
    if credential.kind == CredentialKind.PRIVATE_KEY and key_text:
        _take_key(credential, key_text, passphrase)
    elif credential.kind == CredentialKind.PASSWORD and password:
        credential.secret = Sealed.of(json.dumps({"password": password}))
        credential.public_key = credential.fingerprint = ""
    elif is_new:
        missing = "key_text" if credential.kind == CredentialKind.PRIVATE_KEY else "password"
        raise BadInput(
            "Without a secret this credential opens nothing. Paste a key, or type a password.", field=missing
        )
    secret_changed = bool(key_text or password)
    credential.full_clean()
    credential.save()
    details = {"secret": ["", "changed"]} if secret_changed else {}
    note(by, "create" if is_new else "change", credential, organization=credential.organization, details=details)
    return credential


@transaction.atomic
def generate_key(credential: Credential, *, by: Actor) -> Credential:
    """Fill a new credential with a fresh ed25519 key; its public line is then shown for authorized_keys."""
    key = Ed25519PrivateKey.generate()
    text = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()
    credential.kind = CredentialKind.PRIVATE_KEY
    return save_credential(credential, by=by, key_text=text)


@transaction.atomic
def rotate_keys(*, by: Actor) -> int:
    """Seal everything again with the first of SECRET_KEYS; says how many values. Old keys can be dropped afterwards."""
    count = 0
    for credential in Credential.objects.all():
        credential.secret = credential.secret.rotated()
        credential.save(update_fields=["secret"])
        count += 1
    for content in FileContent.objects.iterator(chunk_size=100):
        content.sealed = content.sealed.rotated()
        content.save(update_fields=["sealed"])
        count += 1
    return count


def _take_key(credential: Credential, key_text: str, passphrase: str) -> None:
    facts = private_key.private_key(key_text, passphrase)
    credential.secret = Sealed.of(json.dumps({"private_key": key_text, "passphrase": passphrase}))
    credential.public_key = f"{facts.public_line} {credential.name.replace(' ', '-')}@rackdesk"
    credential.fingerprint = facts.fingerprint
