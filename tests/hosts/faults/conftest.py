"""The scene of a fault: a host like new, its service in the old state."""

from __future__ import annotations

import pytest

from tests.hosts.changes import OLD
from tests.hosts.faults.scene import CONF, Scene
from tests.hosts.faults.ways import facts
from tests.lab.hosts import LabHost
from tests.lab.lab import Lab


@pytest.fixture
def scene(lab: Lab, lab_host: LabHost) -> Scene:
    lab_host.write(CONF, OLD)
    lab_host.write("/run/service", OLD)
    return Scene(lab, lab_host, facts(lab, lab_host))
