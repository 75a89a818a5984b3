"""What a person should know of a host: a report in, findings out, the gravest first.

Each rule looks at one thing and says nothing where its facts could not be read: what is not known is no finding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from hosts.choices import Severity
from hosts.facts.finding import Finding
from hosts.facts.report import HostReport
from hosts.facts.words import Words, gettext_noop, words
from hosts.rules.xen_findings import XEN_RULES

FULL_PERCENT = 90
VERY_FULL_PERCENT = 97
SKEW_SECONDS = 30
GRAVE_SKEW_SECONDS = 300

_ORDER = {Severity.CRITICAL: 0, Severity.WARNING: 1, Severity.NOTE: 2}


def of_report(report: HostReport, taken_at: datetime) -> tuple[Finding, ...]:
    """All findings. `taken_at` is when the panel got the report, by the panel's own clock (aware)."""
    found = [finding for rule in _RULES for finding in rule(report)]
    found += clock_skew(report, taken_at)
    return tuple(sorted(found, key=lambda each: (_ORDER[each.severity], each.id, each.subject)))


def clock_skew(report: HostReport, taken_at: datetime) -> Iterator[Finding]:
    """The host's clock against the panel's; the script reads it at its start, so some seconds are no skew."""
    if report.clock is None or report.clock.epoch_seconds is None:
        return
    seconds = round(report.clock.epoch_seconds - taken_at.timestamp())
    if abs(seconds) <= SKEW_SECONDS:
        return
    title = (
        gettext_noop("The clock is %(seconds)s s ahead")
        if seconds > 0
        else gettext_noop("The clock is %(seconds)s s behind")
    )
    yield Finding(
        id="clock.skew",
        severity=Severity.CRITICAL if abs(seconds) > GRAVE_SKEW_SECONDS else Severity.WARNING,
        title=words(title, seconds=abs(seconds)),
        why=words(
            gettext_noop("Leases, certificates and logs go by the clock; with a wrong one they lie or are refused.")
        ),
        what_to_do=words(gettext_noop("Start a time service (chrony or systemd-timesyncd) and look at its sources.")),
    )


def _reboot(report: HostReport) -> Iterator[Finding]:
    if report.reboot is None or not report.reboot.pending:
        return
    newer = report.reboot.newest_kernel
    if newer and newer != report.reboot.running_kernel:
        why = words(
            gettext_noop("Kernel %(newest)s is installed, %(running)s is running."),
            newest=newer,
            running=report.reboot.running_kernel,
        )
    else:
        named = ", ".join(report.reboot.packages) or "?"
        why = words(gettext_noop("These packages ask for it: %(packages)s."), packages=named)
    yield Finding(
        id="reboot.pending",
        severity=Severity.NOTE,
        title=words(gettext_noop("A reboot is pending")),
        why=why,
        what_to_do=words(gettext_noop("Plan a guarded reboot when its guests can spare it.")),
    )


def _arrays(report: HostReport) -> Iterator[Finding]:
    for array in report.arrays or ():
        faulty = [member.device for member in array.members if member.state == "faulty"]
        if array.state not in {"active", "clear"}:
            yield Finding(
                id="md.inactive",
                severity=Severity.CRITICAL,
                subject=array.name,
                title=words(gettext_noop("Array %(array)s is not running"), array=array.name),
                why=words(gettext_noop("Its state is %(state)s, so nothing on it can be read."), state=array.state),
                what_to_do=words(gettext_noop("Look at mdadm --examine of its disks, then assemble it.")),
            )
        elif array.degraded or faulty:
            yield Finding(
                id="md.degraded",
                severity=Severity.CRITICAL,
                subject=array.name,
                title=words(
                    gettext_noop("Array %(array)s is degraded %(marks)s"),
                    array=array.name,
                    marks=f"[{array.marks}]" if array.marks else "",
                ),
                why=words(
                    gettext_noop(
                        "%(working)s of %(wanted)s disks work; failed: %(faulty)s. The next failure may lose data."
                    ),
                    working=array.working if array.working is not None else "?",
                    wanted=array.wanted if array.wanted is not None else "?",
                    faulty=", ".join(faulty) or "?",
                ),
                what_to_do=_mend_array(array.action),
            )


def _mend_array(action: str) -> Words:
    if action in {"recovery", "resync", "reshape"}:
        return words(gettext_noop("It is being rebuilt (%(action)s); wait for the end."), action=action)
    return words(gettext_noop("Replace the disk: mdadm --fail, --remove, then --add the new one."))


def _file_systems(report: HostReport) -> Iterator[Finding]:
    for system in report.file_systems or ():
        for percent, title in (
            (system.used_percent, gettext_noop("%(mount)s is %(percent)s%% full")),
            (system.inodes_used_percent, gettext_noop("%(mount)s has used %(percent)s%% of its inodes")),
        ):
            if percent is None or percent < FULL_PERCENT:
                continue
            yield Finding(
                id="disk.full" if percent == system.used_percent else "disk.inodes",
                severity=Severity.CRITICAL if percent >= VERY_FULL_PERCENT else Severity.WARNING,
                subject=system.mount_point,
                title=words(title, mount=system.mount_point, percent=percent),
                why=words(
                    gettext_noop(
                        "%(free)s MiB are left on %(device)s. A change needs room for the new and the old files."
                    ),
                    free=system.available_bytes // 1048576,
                    device=system.device,
                ),
                what_to_do=words(
                    gettext_noop("Remove what is not needed (old kernels, logs, dumps), or make it larger.")
                ),
            )


def _units(report: HostReport) -> Iterator[Finding]:
    for unit in report.services.failed if report.services else ():
        yield Finding(
            id="unit.failed",
            severity=Severity.WARNING,
            subject=unit,
            title=words(gettext_noop("%(unit)s has failed"), unit=unit),
            why=words(gettext_noop("systemd started it and it ended with an error.")),
            what_to_do=words(gettext_noop("Read systemctl status %(unit)s and its journal."), unit=unit),
        )


def _not_root(report: HostReport) -> Iterator[Finding]:
    if report.as_root or not any(gap.why == "needs_root" for gap in report.gaps):
        return
    yield Finding(
        id="facts.not_root",
        severity=Severity.NOTE,
        title=words(gettext_noop("Some facts need root")),
        why=words(
            gettext_noop("The panel logs in without root rights, so these were not read: %(sections)s."),
            sections=", ".join(gap.section for gap in report.gaps if gap.why == "needs_root"),
        ),
        what_to_do=words(gettext_noop("Let the panel use sudo on this host.")),
    )


def _virtual_functions(report: HostReport) -> Iterator[Finding]:
    for link in report.links or ():
        bare = [str(vf.index) for vf in link.vfs if vf.mac in {"", "00:00:00:00:00:00"}]
        if bare:
            yield Finding(
                id="sriov.vf_without_mac",
                severity=Severity.WARNING,
                subject=link.name,
                title=words(
                    gettext_noop("Virtual functions of %(link)s have no MAC address: %(vfs)s"),
                    link=link.name,
                    vfs=", ".join(bare),
                ),
                why=words(
                    gettext_noop(
                        "A guest that gets one makes up another address at each boot, so its lease does not hold."
                    )
                ),
                what_to_do=words(
                    gettext_noop("Give each an address: ip link set %(link)s vf N mac ..."), link=link.name
                ),
            )


Rule = Callable[[HostReport], Iterator[Finding]]

_RULES: tuple[Rule, ...] = (
    _reboot, _arrays, _file_systems, _units, _not_root, _virtual_functions, *XEN_RULES
)  # fmt: skip
