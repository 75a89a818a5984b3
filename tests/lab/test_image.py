"""The image's recipe: which sources of the machine go into it, and when it is another image."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lab import image

STANZAS = """\
Types: deb deb-src
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates bookworm-backports
Components: main contrib
Signed-By: /etc/apt/keyrings/debian.gpg

# an own key inside the stanza
Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----

Enabled: no
Types: deb
URIs: http://off.example/debian
Suites: bookworm
Components: main
"""


@pytest.mark.parametrize(
    ("name", "text", "entries"),
    [
        pytest.param(
            "debian.sources",
            STANZAS,
            [
                "deb [signed-by=/etc/apt/keyrings/debian.gpg] http://mirror.example/debian bookworm main",
                "deb [signed-by=/etc/apt/keyrings/debian.gpg] http://mirror.example/debian bookworm-updates main",
                "deb http://mirror.example/debian-security bookworm-security main",
            ],
            id="stanzas, of which one is off and backports are left out",
        ),
        pytest.param(
            "own.list",
            "# deb http://old.example/debian bookworm main\n"
            "deb [arch=amd64 signed-by=/etc/apt/k.gpg] http://m.example/debian bookworm main non-free\n"
            "deb-src http://m.example/debian bookworm main\n",
            ["deb [signed-by=/etc/apt/k.gpg] http://m.example/debian bookworm main"],
            id="one line with options, a comment and sources",
        ),
        pytest.param("docker.list", "deb http://d.example/linux bookworm stable\n", [], id="somebody else's archive"),
        pytest.param("sid.list", "deb http://m.example/debian sid main\n", [], id="another release of Debian"),
    ],
)
def test_only_debians_own_three_suites_are_taken_from_the_machine(
    tmp_path: Path, name: str, text: str, entries: list[str]
) -> None:
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list.d" / name).write_text(text)
    assert image.machine_sources(tmp_path) == entries


def test_a_machine_without_sources_gives_none(tmp_path: Path) -> None:
    assert image.machine_sources(tmp_path) == []


def test_another_package_makes_another_image(monkeypatch: pytest.MonkeyPatch) -> None:
    before = image.recipe_key()
    monkeypatch.setitem(image.PACKAGES, "web", ("nginx-light", "apache2"))
    assert image.recipe_key() != before


def test_the_cache_lies_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RACKDESK_LAB_CACHE", str(tmp_path))
    assert image.cache_directory() == tmp_path
