"""Ready-made changes for hosts: a preset's name and what was typed in, a proposal for one host out.

Other apps add theirs in settings (PRESET_PROVIDERS), because a lower app imports no upper one.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.utils.module_loading import import_string

from hosts.facts.preset import AddedPreset, Preset
from hosts.facts.proposal import Proposal
from hosts.models import Host
from hosts.render import presets
from hosts.rules import variables
from hosts.services.managed import values_of

VARIABLE = "{{"


def known_presets() -> tuple[Preset, ...]:
    """Our own, then those that other apps add."""
    return (*presets.PRESETS, *(each.preset for each in _added()))


def propose_preset(name: str, params: Mapping[str, str], host: Host) -> Proposal:
    """What the preset `name` does on `host`. `params` are texts by field name, as typed; where one holds a variable
    such as {{ host.name }}, it stands for this host's value.

    Raises BadInput (its `field` set) where a value cannot be used, RenderError where a variable is not known.
    """
    known = values_of(host)
    values = {field: _filled(text, known) for field, text in params.items()}
    added = next((each for each in _added() if each.preset.name == name), None)
    return added.make(values) if added else presets.proposal(name, values)


def _added() -> list[AddedPreset]:
    return [import_string(path) for path in settings.PRESET_PROVIDERS]


def _filled(text: str, known: Mapping[str, str]) -> str:
    return variables.filled(text.encode(), known).decode() if VARIABLE in text else text
