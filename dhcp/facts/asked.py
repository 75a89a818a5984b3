"""What somebody who searches may have meant."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Asked:
    """Any of these is looked for; what is empty was not meant.

    `keys` is the first and the last key of addresses (`facts.address_key`), `mac` a whole MAC, `mac_parts` pieces of
    one as they stand within it ("3e:0"), `client_id` the beginning of one in hex, `name` a part of a host's name, in
    lower case.
    """

    keys: tuple[str, str] | None = None
    mac: str = ""
    mac_parts: tuple[str, ...] = ()
    client_id: str = ""
    name: str = ""

    def __bool__(self) -> bool:
        """Whether there is anything to look for."""
        return bool(self.keys or self.mac or self.mac_parts or self.client_id or self.name)
