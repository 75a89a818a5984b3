"""A change that comes ready-made: what it is called and what it asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hosts.facts.proposal import Proposal
from hosts.facts.words import Words


@dataclass(frozen=True, slots=True)
class PresetField:
    """One thing a preset asks for. `kind` is text, line, user, number or yes_no; all values travel as text."""

    name: str
    label: Words
    help: Words
    kind: str = "line"
    initial: str = ""
    required: bool = True


@dataclass(frozen=True, slots=True)
class Preset:
    """A ready-made change: `name` for URLs and the API, `title` and `about` for people."""

    name: str
    title: Words
    about: Words
    fields: tuple[PresetField, ...] = ()


@dataclass(frozen=True, slots=True)
class AddedPreset:
    """A preset of another app: `make` gets the values by field name, as typed, and raises BadInput as `hosts` does."""

    preset: Preset
    make: Callable[[Mapping[str, str]], Proposal]
