"""Names of installed kernels to the newest one, compared as Debian compares versions (deb-version(7))."""

from __future__ import annotations

import re
from collections.abc import Iterable

from hosts.facts.report import Reboot
from hosts.parse.reading import pairs

_NOT_A_KERNEL = re.compile(r"rescue|\.(?:old|bak|dpkg-\w+|sig|signed)$|^$")
_FLAVOUR = re.compile(r"-([a-z][a-z0-9-]*)$")


def reboot(text: str) -> Reboot:
    """The script's `reboot` section: the flag, the packages that set it, running and newest kernel.

    Only kernels of the running one's flavour count (amd64 beside cloud-amd64 is no reason to reboot).
    """
    every = list(pairs(text, "="))
    running = next((value for key, value in every if key == "running_kernel"), "")
    kernels = [value for key, value in every if key == "kernel"]
    return Reboot(
        required=("required", "yes") in every,
        packages=tuple(dict.fromkeys(value for key, value in every if key == "package" and value)),
        running_kernel=running,
        newest_kernel=newest(running, kernels),
    )


def newest(running: str, kernels: Iterable[str]) -> str:
    """The newest of `kernels` that could replace `running`; "" where the running one is not among those installed
    (a container, a host booted from elsewhere): then nothing can be said."""
    candidates = [kernel for kernel in kernels if not _NOT_A_KERNEL.search(kernel)]
    if running not in candidates:
        return ""
    flavour = _flavour(running)
    return max((each for each in candidates if _flavour(each) == flavour), key=version_key)


def _flavour(kernel: str) -> str:
    match = _FLAVOUR.search(kernel)
    return match[1] if match else ""


def version_key(version: str) -> tuple[tuple[int, ...] | int, ...]:
    """Sort key: runs of digits as numbers, "~" before the end, letters before other signs.

    >>> sorted(["6.1.0-9-amd64", "6.1.0-18-amd64"], key=version_key)
    ['6.1.0-9-amd64', '6.1.0-18-amd64']
    """
    key: list[tuple[int, ...] | int] = []
    for text, digits in re.findall(r"([^0-9]*)([0-9]*)", version):
        key.append((*(_rank(sign) for sign in text), 0))
        key.append(int(digits[:18] or 0))
    return tuple(key)


def _rank(sign: str) -> int:
    if sign == "~":
        return -1
    return ord(sign) if sign.isalpha() else ord(sign) + 0x110000
