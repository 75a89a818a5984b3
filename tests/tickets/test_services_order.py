"""Settings and what belongs to them: written together, with what the book says of it."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db.models import ProtectedError

from hosts.errors import BadInput
from hosts.models import AuditEntry
from tests import make
from tickets.models import Agent, Customer, CustomerDomain, Department, Role, Sequence, Sla
from tickets.services import numbers, order
from tickets.services.house import desk

pytestmark = pytest.mark.django_db


def last_details() -> dict[str, list[str]]:
    return AuditEntry.objects.latest("pk").details


def test_a_table_says_which_of_its_lines_changed() -> None:
    settings, by = desk(), make.actor()
    settings.alerts = settings.alerts | {"note.alert": []}
    order.save_row(settings, by=by)
    assert last_details() == {"alerts note.alert": ["assigned-agent, followers", ""]}


def test_nothing_of_a_row_is_kept_where_one_of_its_parts_is_wrong() -> None:
    row, by = Customer(organization=make.organization()), make.actor()
    parts = [CustomerDomain(domain="good.example"), CustomerDomain(domain="Not A Domain")]
    with pytest.raises(ValidationError):
        order.save_row(row, by=by, kept=parts)
    assert not Customer.objects.exists()
    assert not AuditEntry.objects.filter(object_type="customer").exists()


def test_only_what_people_edit_is_written_over() -> None:
    row, by = Sla.objects.create(name="Gold"), make.actor()
    stale = Sla.objects.get(pk=row.pk)
    order.save_row(stale, by=by)
    assert last_details() == {}


def test_numbers_given_out_meanwhile_are_not_given_out_again() -> None:
    row, by = Sequence.objects.create(name="Numbers", pattern="####", next_value=41), make.actor()
    stale = Sequence.objects.get(pk=row.pk)
    taken = numbers.next_number(row)
    stale.name = "Other numbers"
    order.save_sequence(stale, by=by)
    assert taken == "0041"
    assert numbers.next_number(Sequence.objects.get(pk=row.pk)) == "0042"


def test_a_department_is_not_put_below_its_own_grandchild() -> None:
    top, by = Department.objects.create(name="Top"), make.actor()
    middle = Department.objects.create(name="Middle", parent=top)
    top.parent = Department.objects.create(name="Bottom", parent=middle)
    with pytest.raises(BadInput, match="cannot be a part of itself") as refusal:
        order.save_in_tree(top, by=by)
    assert refusal.value.field == "parent"


def test_what_is_used_is_not_deleted_and_the_book_does_not_say_so() -> None:
    home, by = Department.objects.create(name="Home"), make.actor()
    Agent.objects.create(user=make.user(), department=home, role=Role.objects.create(name="R"))
    with pytest.raises(ProtectedError):
        order.delete_row(home, by=by)
    assert Department.objects.filter(pk=home.pk).exists()
    assert not AuditEntry.objects.filter(action="delete").exists()
