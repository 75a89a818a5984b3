"""Small marks of the machines' pages: names that break where a reader would break them, disks, parts left out."""

from __future__ import annotations

import pytest
from django import forms
from django.utils import translation

from hosts.facts.report import Disk
from hosts.models import Organization
from hosts.templatetags.machines import breakable, but_loops, gap_words, loops, named_blank


@pytest.mark.parametrize(
    ("name", "drawn"),
    [
        pytest.param("xen01", "xen01", id="nothing to break at"),
        pytest.param("edge01.lab.example", "edge01.<wbr>lab.<wbr>example", id="dots"),
        pytest.param("db-02", "db-<wbr>02", id="a hyphen"),
        pytest.param("a.<b>", "a.&lt;b&gt;", id="markup stays text"),
    ],
)
def test_a_name_breaks_behind_its_dots_and_hyphens(name: str, drawn: str) -> None:
    assert breakable(name) == drawn


def test_loop_devices_stand_apart_from_disks() -> None:
    disks = [Disk(name="sda", kind="disk"), Disk(name="loop0", kind="loop"), Disk(name="sda1", kind="part")]
    assert [disk.name for disk in but_loops(disks)] == ["sda", "sda1"]
    assert [disk.name for disk in loops(disks)] == ["loop0"]
    assert (loops(None), but_loops(None)) == ([], [])


def test_why_a_part_is_missing_is_said_in_words() -> None:
    with translation.override("en"):
        assert [gap_words(why) for why in ("needs_root", "timed_out", "odd")] == ["needs root", "took too long", "odd"]


class Choices(forms.Form):
    """One field of each kind that Django gives a row of hyphens to."""

    organization = forms.ModelChoiceField(Organization.objects.none(), required=False)
    site = forms.ChoiceField(choices=[("", "---------"), ("seoul", "Seoul")], required=False)
    named = forms.ChoiceField(choices=[("", "Any"), ("seoul", "Seoul")], required=False)


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "word"), [("organization", "None"), ("site", "None"), ("named", "Any")])
def test_no_choice_is_a_word(name: str, word: str) -> None:
    with translation.override("en"):
        drawn = str(named_blank(Choices()[name]))
    assert f">{word}</option>" in drawn
    assert "---" not in drawn
    assert "---------" in str(Choices()["site"])
