"""The settings pages: secrets go in and never come out, tokens are shown once, only superusers give rights."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from django.contrib.auth.models import Group

from hosts.models import ApiToken, AuditEntry, Credential, Organization, Tag, User
from hosts.services import access
from tests import make
from tests.hosts.pages import logged_in, text_of, url

pytestmark = pytest.mark.django_db

SETTINGS = (
    "hosts_credential",
    "hosts_organization",
    "hosts_user",
    "hosts_apitoken",
    "hosts_auditentry",
    "hosts_tag",
    "hosts_hostkey",
    "auth_group",
)


def page(model: str, name: str, *args: object) -> str:
    return url(f"admin:{model}_{name}", *args)


def private_key(passphrase: bytes = b"") -> str:
    lock = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, lock).decode()


@pytest.mark.parametrize("model", SETTINGS)
def test_every_settings_list_opens(model: str) -> None:
    make.host_key(make.host(organization=make.organization()))
    make.token()
    make.tag()
    assert logged_in(make.admin()).get(page(model, "changelist")).status_code == 200


@pytest.mark.parametrize("model", SETTINGS)
def test_every_settings_list_needs_a_permission(model: str) -> None:
    assert logged_in(make.user()).get(page(model, "changelist")).status_code == 403


class TestCredentials:
    """Keys and passwords."""

    def test_the_panel_makes_a_key_and_shows_its_public_line(self) -> None:
        client = logged_in(make.admin())
        answer = client.post(page("hosts_credential", "add"), {"name": "Fleet", "how": "generate"})
        credential = Credential.objects.get()
        text = text_of(client.get(answer["Location"]))
        assert credential.public_key.startswith("ssh-ed25519 ")
        assert credential.public_key in text

    def test_a_pasted_key_is_sealed_and_never_shown_again(self) -> None:
        client, key = logged_in(make.admin()), private_key()
        client.post(page("hosts_credential", "add"), {"name": "Mine", "how": "paste", "key_text": key})
        credential = Credential.objects.get()
        assert credential.login("root").private_key == key
        secret = key.splitlines()[2]
        for name, args in (("change", [credential.pk]), ("changelist", [])):
            assert secret not in text_of(client.get(page("hosts_credential", name, *args)))

    def test_a_password_is_sealed_and_never_shown_again(self) -> None:
        client = logged_in(make.admin())
        client.post(page("hosts_credential", "add"), {"name": "Old", "how": "password", "password": "s3cret-pw"})
        credential = Credential.objects.get()
        assert credential.login("root").password == "s3cret-pw"
        assert "s3cret-pw" not in text_of(client.get(page("hosts_credential", "change", credential.pk)))
        assert "s3cret-pw" not in str(AuditEntry.objects.values_list("details", flat=True))

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            pytest.param({"how": "paste", "key_text": "no key"}, "key_text", id="no key at all"),
            pytest.param({"how": "paste", "key_text": ""}, "key_text", id="nothing pasted"),
            pytest.param({"how": "password", "password": ""}, "password", id="no password"),
        ],
    )
    def test_what_cannot_be_used_is_said_at_its_field(self, fields: dict[str, str], field: str) -> None:
        answer = logged_in(make.admin()).post(page("hosts_credential", "add"), {"name": "Kept name", **fields})
        assert field in answer.context["adminform"].form.errors
        assert "Kept name" in text_of(answer)
        assert not Credential.objects.exists()

    def test_a_locked_key_asks_for_its_passphrase(self) -> None:
        key, client = private_key(b"open sesame"), logged_in(make.admin())
        fields = {"name": "Locked", "how": "paste", "key_text": key}
        assert client.post(page("hosts_credential", "add"), fields).context["adminform"].form.errors
        client.post(page("hosts_credential", "add"), {**fields, "passphrase": "open sesame"})
        assert Credential.objects.get().login("root").passphrase == "open sesame"

    def test_a_new_name_leaves_the_secret_as_it_was(self) -> None:
        credential = make.credential("Old", password="kept-pw")
        logged_in(make.admin()).post(
            page("hosts_credential", "change", credential.pk), {"name": "New", "how": "password"}
        )
        credential.refresh_from_db()
        assert (credential.name, credential.login("root").password) == ("New", "kept-pw")

    def test_those_of_another_organization_are_absent(self) -> None:
        foreign = make.credential("theirs", organization=make.organization())
        client = logged_in(make.operator(organizations=[make.organization()]))
        assert "theirs" not in text_of(client.get(page("hosts_credential", "changelist")))
        assert client.get(page("hosts_credential", "change", foreign.pk)).status_code == 302

    def test_one_that_hosts_use_is_not_deleted(self) -> None:
        host = make.host()
        client = logged_in(make.admin())
        client.post(page("hosts_credential", "delete", host.credential.pk), {"post": "yes"})
        assert Credential.objects.filter(pk=host.credential.pk).exists()

    def test_deleting_one_is_in_the_book(self) -> None:
        credential = make.credential("gone")
        logged_in(make.admin()).post(page("hosts_credential", "delete", credential.pk), {"post": "yes"})
        assert not Credential.objects.exists()
        assert AuditEntry.objects.filter(action="delete", object_name="gone").exists()


class TestTokens:
    """API tokens."""

    def test_the_key_is_shown_once_and_opens_the_panel(self) -> None:
        user = make.admin()
        client = logged_in(user)
        answer = client.post(page("hosts_apitoken", "add"), {"name": "backup", "wanted": ["read"], "lives": "30"})
        key = answer.context["key"]
        token = ApiToken.objects.get()
        assert key in text_of(answer)
        assert "no-store" in answer["Cache-Control"]
        assert access.token_of(key) == token
        assert (token.user, token.scopes, token.expires_at is None) == (user, ["read"], False)
        for name, args in (("changelist", []), ("change", [token.pk])):
            assert key not in text_of(client.get(page("hosts_apitoken", name, *args)))

    def test_a_revoked_one_opens_nothing(self) -> None:
        user = make.admin()
        token, key = make.token(user)
        logged_in(user).post(page("hosts_apitoken", "change", token.pk), {"revoke": "on"})
        assert access.token_of(key) is None

    def test_nobody_else_sees_or_revokes_it_but_a_superuser(self) -> None:
        token, key = make.token(make.admin())
        client = logged_in(make.operator())
        assert token.prefix not in text_of(client.get(page("hosts_apitoken", "changelist")))
        client.post(page("hosts_apitoken", "change", token.pk), {"revoke": "on"})
        assert access.token_of(key) == token
        logged_in(make.admin()).post(page("hosts_apitoken", "change", token.pk), {"revoke": "on"})
        assert access.token_of(key) is None


class TestPeople:
    """People and roles."""

    NEW = {
        "email": "Joon@Example.test",
        "name": "Joon",
        "password1": "a long new password",
        "password2": "a long new password",
        "is_staff": "on",
    }

    def test_a_superuser_adds_somebody_with_a_role(self) -> None:
        access.ensure_roles()
        role, owner = Group.objects.get(name="Viewer"), make.organization()
        answer = logged_in(make.admin()).post(
            page("hosts_user", "add"), {**self.NEW, "groups": [role.pk], "organizations": [owner.pk]}
        )
        person = User.objects.get(email="joon@example.test")
        assert answer.status_code == 302
        assert person.check_password("a long new password")
        assert (list(person.groups.all()), list(person.organizations.all())) == ([role], [owner])
        assert "a long new password" not in str(AuditEntry.objects.values_list("details", flat=True))

    def test_an_address_in_other_letters_is_the_same_person(self) -> None:
        make.user("joon@example.test")
        answer = logged_in(make.admin()).post(page("hosts_user", "add"), self.NEW)
        assert "email" in answer.context["adminform"].form.errors

    @pytest.mark.parametrize("permission", ["hosts.change_user", "hosts.add_user"])
    def test_a_permission_alone_gives_nobody_rights(self, permission: str) -> None:
        user = make.user(permissions=["hosts.view_user", permission], all_organizations=True)
        client = logged_in(user)
        assert client.post(page("hosts_user", "add"), self.NEW).status_code == 403
        answer = client.post(page("hosts_user", "change", user.pk), {"email": user.email, "is_superuser": "on"})
        assert answer.status_code == 403
        user.refresh_from_db()
        assert not user.is_superuser
        assert client.get(url("admin:auth_user_password_change", make.admin().pk)).status_code == 403

    def test_nobody_takes_their_own_rights_away(self) -> None:
        user = make.admin()
        fields = {"email": user.email, "language": "en", "time_zone": "UTC", "is_active": "on", "is_staff": "on"}
        answer = logged_in(user).post(page("hosts_user", "change", user.pk), fields)
        user.refresh_from_db()
        assert user.is_superuser
        assert "cannot take your own rights away" in text_of(answer)

    def test_a_role_is_changed_and_the_book_says_how(self) -> None:
        role = Group.objects.create(name="Night shift")
        logged_in(make.admin()).post(page("auth_group", "change", role.pk), {"name": "Late shift", "permissions": []})
        role.refresh_from_db()
        assert role.name == "Late shift"
        assert AuditEntry.objects.filter(object_type="group", action="change").exists()


class TestHouse:
    """Organizations, tags and the audit log."""

    @pytest.mark.parametrize(("model", "kind"), [("hosts_organization", Organization), ("hosts_tag", Tag)])
    def test_one_is_added_through_the_book(self, model: str, kind: Any) -> None:
        logged_in(make.admin()).post(page(model, "add"), {"name": "haneul"})
        assert kind.objects.get().name == "haneul"
        assert AuditEntry.objects.filter(action="create", object_name="haneul").exists()

    def test_the_audit_log_cannot_be_written(self) -> None:
        make.host()
        make.change()
        entry = AuditEntry.objects.latest("id")
        client = logged_in(make.admin())
        assert client.get(page("hosts_auditentry", "add")).status_code == 403
        assert client.post(page("hosts_auditentry", "delete", entry.pk), {"post": "yes"}).status_code == 403
        client.post(page("hosts_auditentry", "change", entry.pk), {"action": "forged"})
        assert AuditEntry.objects.get(pk=entry.pk).action == entry.action

    def test_the_audit_log_of_another_organization_is_absent(self) -> None:
        make.change(make.host("secret-host", organization=make.organization()))
        client = logged_in(make.operator(organizations=[make.organization()]))
        assert "secret-host" not in text_of(client.get(page("hosts_auditentry", "changelist")))

    def test_the_history_of_a_row_is_the_audit_log_of_it(self) -> None:
        tag = make.tag("rack-a")
        answer = logged_in(make.admin()).get(page("hosts_tag", "history", tag.pk), follow=True)
        assert answer.status_code == 200
        assert answer.request["QUERY_STRING"] == f"object_type=tag&object_id__exact={tag.pk}"
