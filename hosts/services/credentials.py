"""Credentials: keys and passwords in, sealed rows out. What was sealed is opened for a login only."""

from __future__ import annotations

import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.apps import apps
from django.db import transaction

from hosts.choices import CredentialKind
from hosts.errors import BadInput
from hosts.facts.words import gettext_noop, words
from hosts.models import Credential
from hosts.models.sealed import Sealed, SealedField
from hosts.parse import private_key
from hosts.services.audit import Actor, differences, note, snapshot
from hosts.services.scope import require_own_organization, require_visible


@transaction.atomic
def save_credential(
    credential: Credential, *, by: Actor, key_text: str = "", passphrase: str = "", password: str = ""
) -> Credential:
    """Create or change a credential. Empty secrets leave the stored one as it is; BadInput names the field."""
    old = Credential.objects.select_for_update(of=("self",)).get(pk=credential.pk) if credential.pk else None
    before = snapshot(old) if old else {}
    if old:
        require_visible(by, old)
    require_own_organization(by, credential.organization)
    if credential.kind == CredentialKind.PRIVATE_KEY and key_text:
        _take_key(credential, key_text, passphrase)
    elif credential.kind == CredentialKind.PASSWORD and password:
        credential.secret = Sealed.of(json.dumps({"password": password}))
        credential.public_key = credential.fingerprint = ""
    elif old is None or old.kind != credential.kind:
        missing = "key_text" if credential.kind == CredentialKind.PRIVATE_KEY else "password"
        raise BadInput(
            words(gettext_noop("Without a secret this credential opens nothing. Paste a key, or type a password.")),
            field=missing,
        )
    secret_changed = bool(key_text or password)
    credential.full_clean()
    credential.save()
    details: dict[str, Any] = differences(credential, before) if old else {}
    if secret_changed:
        details["secret"] = ["", "changed"]
    note(by, "change" if old else "create", credential, organization=credential.organization, details=details)
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
    """Seal everything again with the first of SECRET_KEYS; says how many values. Old keys can be dropped afterwards.

    Everything is every sealed column of every app, so that none is forgotten.
    """
    count = 0
    for kind in apps.get_models():
        columns = [field.name for field in kind._meta.concrete_fields if isinstance(field, SealedField)]
        rows: Any = kind
        for pk in list(rows.objects.values_list("pk", flat=True)) if columns else ():
            row = rows.objects.select_for_update(of=("self",)).only(*columns).filter(pk=pk).first()
            there = [name for name in columns if row is not None and getattr(row, name) is not None]
            for name in there:
                setattr(row, name, getattr(row, name).rotated())
            if there:
                row.save(update_fields=there)
            count += len(there)
    note(by, "rotate keys", None, details={"values": count})
    return count


def _take_key(credential: Credential, key_text: str, passphrase: str) -> None:
    facts = private_key.private_key(key_text, passphrase)
    credential.secret = Sealed.of(json.dumps({"private_key": key_text, "passphrase": passphrase}))
    credential.public_key = f"{facts.public_line} {credential.name.replace(' ', '-')}@rackdesk"
    credential.fingerprint = facts.fingerprint
