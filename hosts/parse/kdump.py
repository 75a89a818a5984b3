"""`kdump-config show` (Debian, Ubuntu) and the kernel's own words on its crash kernel."""

from __future__ import annotations

import re

from hosts.facts.report import KdumpConfig
from hosts.parse.reading import first_values

_KEY = re.compile(r"\s*([A-Za-z][A-Za-z0-9_ /.-]*?):(?:\s+(.*))?")
_LINK = re.compile(r"\s+/var/lib/kdump/(vmlinuz|initrd\.img)\S*:\s+(.*)")
_KEYS = frozenset(
    ["crashkernel addr", "current state", "kernel link", "kexec command", "kdump kernel", "kdump initrd",
     "debug kernel", "dump mode"]
)  # fmt: skip
_ON_NEXT_LINE = frozenset(["kernel link", "kexec command", "kdump kernel", "kdump initrd", "debug kernel"])


def looks_like_kdump(text: str) -> bool:
    """Whether this is what `kdump-config show` prints."""
    return bool(
        re.search(r"^\s*USE_KDUMP:", text, re.MULTILINE) or re.search(r"^current state\s*:", text, re.MULTILINE)
    )


def kdump_config(text: str) -> KdumpConfig | None:
    """Keys and values, a value may stand on the next, indented line; None where it is not that output.

    `ready` is read from the words: "ready to kdump" and "Ready to kdump" against "Not ready to kdump".
    """
    if not looks_like_kdump(text):
        return None
    values, remarks = _values(text)
    state = values.get("current state", "")
    use = values.get("USE_KDUMP", "")
    return KdumpConfig(
        use_kdump=None if not use else use.strip("\"'").lower() in {"1", "yes", "true"},
        state=state,
        ready=_ready(state),
        core_dir=values.get("KDUMP_COREDIR", ""),
        sysctl=values.get("KDUMP_SYSCTL", ""),
        crashkernel_address=values.get("crashkernel addr", ""),
        kernel=values.get("kdump kernel") or values.get("kernel link", ""),
        initrd=values.get("kdump initrd", ""),
        kexec_command=values.get("kexec command", ""),
        remarks=tuple(remarks),
        values=tuple(values.items()),
    )


def _ready(state: str) -> bool | None:
    words = state.lower()
    if not words:
        return None
    return "ready to" in words and "not ready" not in words


def _values(text: str) -> tuple[dict[str, str], list[str]]:
    found: list[tuple[str, str]] = []
    remarks: list[str] = []
    waiting = ""
    for line in text.splitlines():
        if link := _LINK.fullmatch(line):
            # "PATH: symbolic link to TARGET", or the words of file(1) where it is broken.
            found.append(("kdump kernel" if link[1] == "vmlinuz" else "kdump initrd", _target(link[2])))
        elif (match := _KEY.fullmatch(line)) and _known(match[1]):
            key, value = match[1], (match[2] or "").strip()
            waiting = key if key in _ON_NEXT_LINE and not value else ""
            found += [] if waiting else [(key, value)]
        elif waiting and line[:1].isspace() and line.strip():
            found.append((waiting, line.strip()))
            waiting = ""
        elif line.strip() and not line.lstrip().startswith("#"):
            remarks.append(line.strip()[:500])
    return first_values(found), remarks


def _known(key: str) -> bool:
    return key.isupper() or key in _KEYS


def _target(line: str) -> str:
    _, found, target = line.partition("symbolic link to ")
    return target.strip() if found else line.strip()


def crashkernel(command_line: str) -> tuple[str, ...]:
    """Every crashkernel= argument in order; of plain ones the last counts to the kernel (kdump.rst)."""
    return tuple(word.partition("=")[2] for word in command_line.split() if word.startswith("crashkernel="))
