"""A list of hosts from elsewhere in, hosts out: all of them or none."""

from __future__ import annotations

from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from hosts.choices import Scope
from hosts.parse.inventory_ansible import inventory_ansible
from hosts.parse.inventory_csv import inventory_csv
from hosts.parse.inventory_ssh_config import inventory_ssh_config
from hosts.permissions import actor
from hosts.serializers.importing import ImportedSerializer, ImportSerializer
from hosts.services import fleet
from hosts.tasks import enrol_host

READERS = {"csv": inventory_csv, "ansible": inventory_ansible, "ssh_config": inventory_ssh_config}


@extend_schema(tags=["hosts"])
class ImportViewSet(ViewSet):
    """Many hosts at once."""

    needs = {"create": (Scope.PLAN, "hosts.add_host")}

    @extend_schema(request=ImportSerializer, responses={200: ImportedSerializer, 201: ImportedSerializer})
    def create(self, request: Request) -> Response:
        """Import all hosts of a list or none; with `is_trial` only say what is found. 400 names the line."""
        serializer = ImportSerializer(data=request.data, context={"request": request})
        serializer.is_valid(raise_exception=True)
        sent = serializer.validated_data
        found = READERS[sent["format"]](serializer.data_sent())
        made = []
        if not sent["is_trial"]:
            made = fleet.import_hosts(
                found.hosts,
                by=actor(request),
                credential=sent.get("credential"),
                organization=sent.get("organization"),
            )
            for host in made:
                enrol_host.delay_on_commit(host.pk)
        problems = [
            {"line": each.line, "text": each.words.said_by(gettext), "lost": each.lost} for each in found.problems
        ]
        answer = ImportedSerializer(
            {"found": found.hosts, "problems": problems, "hosts": made}, context={"request": request}
        )
        return Response(answer.data, status=201 if made else 200)
