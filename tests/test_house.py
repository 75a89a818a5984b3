"""The rules of the house that no linter knows: rooms have their names and sizes, and what behaves has its test."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.story  # all modules are read once
HOUSE = Path(__file__).resolve().parent.parent
APPS = [app for app in ("hosts", "dhcp", "certs", "crash", "tickets") if (HOUSE / app / "apps.py").exists()]
ROOMS = {
    "admin", "api", "api_urls", "apps", "checks", "choices", "errors", "facts", "forms", "locale", "management",
    "migrations", "models", "outside", "parse", "permissions", "render", "rules", "serializers", "services", "static",
    "tasks", "templates", "templatetags", "urls", "views",
}  # fmt: skip
FORBIDDEN = {"core", "common", "utils", "util", "helpers", "helper", "misc", "lib", "signals"}
LONGEST_FILE = 310
LONGEST_FUNCTION = 42
BEHAVING = ("api", "outside", "parse", "permissions", "render", "rules", "services", "tasks", "views", "models")


def modules(*roots: str) -> list[Path]:
    """Every Python file of these folders, without migrations."""
    found = [path for root in roots for path in sorted((HOUSE / root).rglob("*.py"))]
    return [path for path in found if "migrations" not in path.parts]


def named(path: Path) -> str:
    return str(path.relative_to(HOUSE))


@dataclass(frozen=True)
class Source:
    """One module as text and as tree, read once for all rules."""

    name: str
    stem: str
    text: str
    tree: ast.Module


@pytest.fixture(scope="module", params=["config", *APPS])
def sources(request) -> list[Source]:
    """All modules of one app."""
    read = [(path, path.read_text(encoding="utf-8")) for path in modules(request.param)]
    return [Source(named(path), path.stem, text, ast.parse(text)) for path, text in read]


@pytest.mark.parametrize("app", APPS)
def test_an_app_has_only_the_rooms_of_the_plan(app):
    there = {path.stem for path in (HOUSE / app).iterdir() if not path.name.startswith("__")}
    assert there <= ROOMS


def test_a_file_has_a_name_that_says_what_is_in_it(sources):
    assert [each.name for each in sources if each.stem in FORBIDDEN] == []


def test_a_file_fits_one_idea(sources):
    lengths = {each.name: len(each.text.splitlines()) for each in sources}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_functions_are_short_and_import_nothing(sources):
    long, importing = [], []
    for each in sources:
        for node in ast.walk(each.tree):
            if isinstance(node, ast.FunctionDef):
                said = 1 if ast.get_docstring(node) and len(node.body) > 1 else 0
                if (node.end_lineno or 0) - node.body[said].lineno >= LONGEST_FUNCTION:
                    long.append(f"{each.name}: {node.name}")
                if any(isinstance(inner, ast.Import | ast.ImportFrom) for inner in ast.walk(node)):
                    importing.append(f"{each.name}: {node.name}")
    assert (long, importing) == ([], [])


def test_a_module_says_in_its_first_line_what_it_is_for(sources):
    filled = [each for each in sources if each.text.strip()]
    future = "from __future__ import annotations"
    assert [each.name for each in filled if not ast.get_docstring(each.tree)] == []
    assert [each.name for each in filled if each.stem != "__init__" and future not in each.text] == []


def test_what_others_may_call_says_what_it_does(sources):
    """In a module of sentences (words.py) each function says it by the sentence that it returns."""
    silent = [
        f"{each.name}: {node.name}"
        for each in sources
        if each.stem != "words"
        for node in each.tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        if not node.name.startswith("_") and not ast.get_docstring(node)
    ]
    assert silent == []


@pytest.mark.parametrize("app", APPS)
def test_everything_that_behaves_has_its_test(app):
    tests = {path.stem for path in (HOUSE / "tests" / app).rglob("test_*.py")}
    tested = {name.removeprefix("test_") for name in tests}
    missing = []
    for room in BEHAVING:
        place = HOUSE / app / room
        if (place.is_dir() or place.with_suffix(".py").exists()) and not any(
            name == room or name.startswith(f"{room}_") for name in tested
        ):
            missing.append(room)
    assert missing == []


def test_migrations_have_names_that_say_what_they_do():
    for app in APPS:
        for path in sorted((HOUSE / app / "migrations").glob("[0-9]*.py")):
            assert re.fullmatch(r"\d{4}_[a-z][a-z0-9_]+", path.stem), path
            assert "_auto_" not in path.stem, path


def test_names_of_tests_are_sentences_and_none_is_there_twice():
    for path in modules("tests"):
        names = [
            node.name
            for node in ast.parse(path.read_text(encoding="utf-8")).body
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
        ]
        assert len(names) == len(set(names)), named(path)
        assert [name for name in names if name.count("_") < 2] == [], named(path)


def test_nothing_is_left_for_later():
    marks = re.compile("|".join(("TO" + "DO", "FIX" + "ME", "X" + "XX")))
    everything = modules("config", "tests", *APPS)
    found = [named(path) for path in everything if marks.search(path.read_text(encoding="utf-8"))]
    assert found == []


def test_nothing_is_faked_with_a_mock():
    library = "unittest." + "mock"
    found = [named(path) for path in modules("tests") if library in path.read_text(encoding="utf-8")]
    assert found == []
