"""Both languages: the Korean catalogue holds every sentence, fits it, and pages and answers are read in it."""

from __future__ import annotations

import ast
import re
import shutil
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.core.management import call_command
from django.urls import reverse
from django.utils import translation

from hosts import errors
from hosts.choices import ChangeState, HostState, RolloutState
from hosts.facts.change import WantedFile
from hosts.facts.words import gettext_noop, plain, words
from tests import make
from tests.hosts.api import Program
from tests.hosts.pages import logged_in, text_of, url

ROOT = Path(settings.BASE_DIR)
CATALOGUE = ROOT / "config/locale/ko/LC_MESSAGES/django.po"
SAID_IN = [name for name in ("config", "hosts", "dhcp", "tickets") if (ROOT / name).is_dir()]
PLACE = re.compile(r"%\(\w+\)[a-z]|%%|%[sd]|\{\w*\}|</?[a-z][^>]*>")
PARTICLE = re.compile(r"%\(\w+\)[sd](은|는|이|가|을|를|과|와|으로)(?=[\s.,])")
LEFT_OUT = {"script", "style", "code", "pre", "kbd", "textarea", "option", "time"}
SHOWN = ("title", "aria-label", "placeholder", "alt")
ENGLISH = re.compile(r"[A-Za-z]{3,} [a-z]{2,}|^[A-Z]?[a-z]{3,}$")
NAMES = re.compile(r"Rackdesk|Debian GNU/Linux|Xen dom0|scrollable content|English|Ctrl|^root$|systemctl [a-z -]+")
FAILURES = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, Exception)}
CATALOGUED = polib.pofile(str(CATALOGUE))


def key(entry: polib.POEntry) -> tuple[str, str]:
    return entry.msgctxt or "", entry.msgid


def translations(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


@pytest.fixture(scope="module")
def wanted(tmp_path_factory):
    """What makemessages finds in a copy of the sources."""
    if not shutil.which("xgettext"):
        pytest.skip("needs xgettext (Debian package gettext)")
    copy = tmp_path_factory.mktemp("sources")
    for name in SAID_IN:
        leave = shutil.ignore_patterns("__pycache__", "*.mo", "*.po", "static", "migrations")
        shutil.copytree(ROOT / name, copy / name, ignore=leave)
    (copy / "config/locale/ko/LC_MESSAGES").mkdir(parents=True, exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(copy)
        patch.setattr(settings, "LOCALE_PATHS", [copy / "config/locale"])
        call_command("makemessages", locale=["ko"], no_location=True, no_wrap=True, verbosity=0)
    return polib.pofile(str(copy / "config/locale/ko/LC_MESSAGES/django.po"))


def test_every_sentence_is_in_the_catalogue(wanted):
    missing = {key(each) for each in wanted} - {key(each) for each in CATALOGUED}
    assert not missing, "Add to config/locale/ko/LC_MESSAGES/django.po:\n" + "\n".join(map(repr, sorted(missing)))


def test_nothing_in_the_catalogue_is_said_no_more(wanted):
    needless = {key(each) for each in CATALOGUED} - {key(each) for each in wanted}
    assert not needless, "Take out of config/locale/ko/LC_MESSAGES/django.po:\n" + "\n".join(map(repr, needless))


def test_plurals_are_the_same_sentences(wanted):
    plurals = {key(each): each.msgid_plural for each in wanted if each.msgid_plural}
    kept = {key(each): each.msgid_plural for each in CATALOGUED if each.msgid_plural}
    assert {name: kept[name] for name in plurals if name in kept} == {n: p for n, p in plurals.items() if n in kept}


def test_nothing_is_guessed_obsolete_or_empty():
    unsure = [each.msgid for each in CATALOGUED if each.fuzzy or each.obsolete or not all(translations(each))]
    assert not unsure


def test_korean_has_one_form_for_every_number():
    assert CATALOGUED.metadata["Plural-Forms"] == "nplurals=1; plural=0;"
    assert [each.msgid for each in CATALOGUED if each.msgid_plural and set(each.msgstr_plural) != {0}] == []


def test_what_is_inserted_is_inserted_in_both_languages():
    for each in CATALOGUED:
        for said in translations(each):
            assert Counter(PLACE.findall(said)) == Counter(PLACE.findall(each.msgid_plural or each.msgid)), said


def test_blanks_at_the_ends_are_kept():
    odd = [
        each.msgid
        for each in CATALOGUED
        for said in translations(each)
        if (each.msgid[:1].isspace(), each.msgid[-1:].isspace()) != (said[:1].isspace(), said[-1:].isspace())
    ]
    assert not odd


def test_no_particle_hangs_on_an_inserted_value():
    assert [said for each in CATALOGUED for said in translations(each) if PARTICLE.search(said)] == []


@pytest.mark.parametrize("room", ["outside", "parse", "render", "rules", "services", "tasks"])
def test_failures_are_raised_with_sentences_that_can_be_translated(room):
    bare = []
    for path in sorted((ROOT / "hosts" / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
            if name in FAILURES and node.args and isinstance(node.args[0], ast.Constant | ast.JoinedStr):
                bare.append(f"{path.relative_to(ROOT)}:{node.lineno} {name}")
    assert not bare, f"use words(gettext_noop(...)): {bare}"


# -- what is read


class Leftovers(HTMLParser):
    """The English that a page still shows, in its text and in what is read aloud or on hover."""

    def __init__(self) -> None:
        super().__init__()
        self.inside: list[str] = []
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag in LEFT_OUT or "material-symbols" in (dict(attrs).get("class") or "") or tag in self.inside:
            self.inside.append(tag)
        for name, value in attrs:
            if name in SHOWN and tag != "time":
                self.judge(value or "")

    def handle_endtag(self, tag):
        if self.inside and self.inside[-1] == tag:
            self.inside.pop()

    def handle_data(self, data):
        if not self.inside:
            self.judge(data)

    def judge(self, text):
        text = NAMES.sub("", text).strip()
        if ENGLISH.search(text):
            self.found.append(text)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """The catalogue as it is now, compiled here: the tests do not depend on a set-up."""
    place = tmp_path_factory.mktemp("locale")
    target = place / "ko/LC_MESSAGES"
    target.mkdir(parents=True)
    CATALOGUED.save_as_mofile(str(target / "django.mo"))
    return place


@pytest.fixture
def korean(settings, compiled):
    settings.LOCALE_PATHS = [compiled]
    yield
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture
def rows(korean, db):
    """A little of everything, with names that are not English."""
    lost = words(gettext_noop("The host is restarting."))
    host = make.host("xen-1", site="서울", notes="메모", tags=["운영"], credential=make.credential("열쇠"))
    make.host("xen-2", state=HostState.UNREACHABLE, state_why=lost, credential=host.credential)
    make.facts_record(host)
    greeting = make.proposal("인사", files=[WantedFile("/etc/motd", "환영\n".encode())])
    seen = [make.seen(data="이전\n".encode())]
    rollout = make.rollout(title="인사", state=RolloutState.STOPPED, stopped_why=lost)
    failed = make.change(host, ChangeState.FAILED, proposal=greeting, seen=seen, rollout=rollout, outcome_why=lost)
    waits = make.change(host, ChangeState.COMPARED, proposal=greeting, seen=seen)
    managed = make.managed_file("인사말", body="환영\n", hosts=[host])
    kept = make.host_file(host, data="환영\n", live="다름\n".encode(), drift_words=lost, change=failed)
    return {
        "host": host.pk, "failed": failed.pk, "waits": waits.pk, "rollout": rollout.pk, "managed": managed.pk,
        "drift": kept.pk,
    }  # fmt: skip


PAGES = {
    "today": ("hosts:dashboard", ""), "hosts": ("hosts:host-list", ""), "host": ("hosts:host-detail", "host"),
    "files of a host": ("hosts:host-files", "host"), "new host": ("hosts:host-new", ""), "import": ("hosts:host-import", ""),
    "changes": ("hosts:change-list", ""), "failed change": ("hosts:change-detail", "failed"),
    "waiting change": ("hosts:change-detail", "waits"), "new change": ("hosts:change-new", ""), "rollouts": ("hosts:rollout-list", ""),
    "rollout": ("hosts:rollout-detail", "rollout"), "managed files": ("hosts:managed-file-list", ""),
    "managed file": ("hosts:managed-file-detail", "managed"), "drift": ("hosts:drift-list", ""),
    "drifted file": ("hosts:drift-detail", "drift"), "audit log": ("admin:hosts_auditentry_changelist", ""),
    "people": ("admin:hosts_user_changelist", ""), "new credential": ("admin:hosts_credential_add", ""),
    "new token": ("admin:hosts_apitoken_add", ""), "own password": ("password-change", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_read_in_korean(rows, name):
    page, row = PAGES[name]
    person = make.admin("kim@example.test", name="관리", language="ko")
    address = reverse(page, args=[rows[row]] if row else [])
    shown = text_of(logged_in(person).get(address))
    assert '<html lang="ko"' in shown
    left = Leftovers()
    left.feed(shown)
    assert left.found == []


def test_the_language_switch_goes_before_the_profile(korean, db):
    client = logged_in(make.admin(language="en"))
    assert "오늘" not in text_of(client.get(url("dashboard")))
    client.post("/i18n/setlang/", {"language": "ko"})
    assert "오늘" in text_of(client.get(url("dashboard")))


def test_the_login_is_in_the_language_of_the_browser(korean, db, client):
    assert "로그인" in text_of(client.get(reverse("login"), headers={"Accept-Language": "ko-KR,ko;q=0.9"}))


def test_a_program_reads_kept_reasons_and_refusals_in_the_language_it_asks_for(rows):
    program = Program(make.operator())
    kept = program.client.get(f"/api/v1/changes/{rows['failed']}/", headers={"Accept-Language": "ko"}).json()
    assert kept["outcome_why"] == "호스트가 다시 시작하는 중입니다."
    assert kept["state"]["label"] == "실패"
    refused = program.client.post(f"/api/v1/changes/{rows['failed']}/approve/", headers={"Accept-Language": "ko"})
    assert refused.status_code == 409
    assert "현재 상태가 “실패”" in refused.json()["detail"]


def test_a_program_that_asks_for_no_language_is_answered_in_that_of_its_person(rows):
    kept = Program(make.operator(language="ko")).get(f"/changes/{rows['failed']}/").json()
    assert kept["outcome_why"] == "호스트가 다시 시작하는 중입니다."


def test_a_sentence_within_a_sentence_is_translated_too(korean):
    inner = words(gettext_noop("The host is restarting."))
    outer = words(gettext_noop("%(why)s Nothing was changed on the host."), why=inner)
    with translation.override("ko"):
        assert outer.said_by(translation.gettext).startswith("호스트가 다시 시작하는 중입니다. ")
    assert plain("what a tool said").said_by(translation.gettext) == "what a tool said"
