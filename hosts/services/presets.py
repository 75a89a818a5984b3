"""Ready-made changes for hosts: a preset's name and what was typed in, a proposal for one host out."""

from __future__ import annotations

from collections.abc import Mapping

from hosts.facts.proposal import Proposal
from hosts.models import Host
from hosts.render import presets
from hosts.rules import variables
from hosts.services.managed import values_of

VARIABLE = "{{"


def propose_preset(name: str, params: Mapping[str, str], host: Host) -> Proposal:
    """What the preset `name` does on `host`. `params` are texts by field name, as typed; where one holds a variable
    such as {{ host.name }}, it stands for this host's value.

    Raises BadInput (its `field` set) where a value cannot be used, RenderError where a variable is not known.
    """
    known = values_of(host)
    return presets.proposal(name, {field: _filled(text, known) for field, text in params.items()})


def _filled(text: str, known: Mapping[str, str]) -> str:
    return variables.filled(text.encode(), known).decode() if VARIABLE in text else text
