"""Errands as a worker does them, where there is no way to the host; what they do there is tried on whole hosts."""

from __future__ import annotations

import socket

import pytest

from config.celery import app
from dhcp.choices import ErrandState
from dhcp.models import Errand
from dhcp.services import errands
from dhcp.tasks.errands import run_errand
from hosts.choices import HostState
from hosts.models import Host
from tests import make
from tests.dhcp.sites import a_server

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_errand_to_a_host_that_does_not_answer_fails_in_words() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    server = a_server(host=make.host("gate", address="127.0.0.1", port=port, credential=make.credential()))
    errand = errands.ask_config(server, by=make.actor())
    run_errand(errand.pk)
    errand.refresh_from_db()
    assert errand.state == ErrandState.FAILED
    assert len(str(errand.why)) > 20
    assert Host.objects.get(name="gate").state == HostState.UNREACHABLE


def test_an_errand_that_is_gone_or_done_is_let_be() -> None:
    run_errand(12345)
    errand = errands.ask_config(a_server(), by=make.actor())
    Errand.objects.update(state=ErrandState.DONE)
    run_errand(errand.pk)
    assert Errand.objects.get().state == ErrandState.DONE


def test_beat_wakes_errands_whose_message_was_lost() -> None:
    app.loader.import_default_modules()
    assert "dhcp.sweep_errands" in {each["task"] for each in app.conf.beat_schedule.values()}
    assert "dhcp.sweep_errands" in app.tasks
