"""Tests, mirroring the apps; the lab of whole hosts that they and the demo run on is in `tests.lab`."""
