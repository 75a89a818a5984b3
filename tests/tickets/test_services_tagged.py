"""Tickets by their tags: each once, whether few or many have them, and whatever a tag is called."""

from __future__ import annotations

from typing import Any

import pytest

from tests import make
from tests.tickets import rows
from tickets.models import Ticket
from tickets.services import tagged

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("few", [0, tagged.FEW], ids=["a tag of many", "a tag of few"])
def test_tickets_with_one_of_the_tags_are_found_once(few: int, monkeypatch: Any) -> None:
    monkeypatch.setattr(tagged, "FEW", few)
    both, one, other, _none = rows.tickets(4)
    both.tags.add(make.tag("dhcp"), make.tag("it's 100 %s"))
    one.tags.add(make.tag("dhcp"))
    other.tags.add(make.tag("raid"))
    for names, found in ((["dhcp", "it's 100 %s"], [both, one]), (["it's 100 %s"], [both]), (["nothing"], [])):
        assert list(tagged.with_tags(Ticket.objects.order_by("pk"), names)) == found
