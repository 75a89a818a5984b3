"""The front door for programs: read the request, make one service call, answer."""

from hosts.api import schema  # so that drf-spectacular knows the token before any schema is made
from hosts.api.problems import explain

__all__ = ["explain", "schema"]
