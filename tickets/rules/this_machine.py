"""The name of a server in, whether it can only be this machine out."""

from __future__ import annotations

from ipaddress import ip_address


def is_this_machine(host: str) -> bool:
    """Whether `host` is loopback by its name or number; a name that may be anything is not."""
    name = host.strip().rstrip(".").casefold().removeprefix("[").removesuffix("]")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
