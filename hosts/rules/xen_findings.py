"""Findings about Xen and the crash kernel: a report in, findings out."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hosts.choices import Severity
from hosts.facts.finding import Finding
from hosts.facts.report import HostReport, Kdump, Xen
from hosts.facts.words import Words, gettext_noop, words


def _iommu(report: HostReport) -> Iterator[Finding]:
    """`hvm_directio` in virt_caps is the hypervisor's own word; the log says why."""
    xen = report.xen
    if xen is None or xen.role != "dom0" or xen.info is None or not xen.info.virt_caps:
        return
    if {"hvm_directio", "pv_directio"} & set(xen.info.virt_caps) or (xen.log and xen.log.iommu):
        return
    yield Finding(
        id="xen.iommu_off",
        severity=Severity.WARNING,
        title=words(gettext_noop("The IOMMU is off")),
        why=words(
            gettext_noop(
                "Xen does not offer direct device access (%(caps)s), so no virtual function can go to a guest."
            ),
            caps=" ".join(xen.info.virt_caps),
        ),
        what_to_do=words(
            gettext_noop("Turn on VT-d or AMD-Vi in the firmware, put iommu=1 on the Xen command line, and reboot.")
        ),
    )


def _no_hvm(report: HostReport) -> Iterator[Finding]:
    xen = report.xen
    if xen is None or xen.info is None or not xen.info.xen_caps:
        return
    if any(cap.startswith("hvm") for cap in (*xen.info.virt_caps, *xen.info.xen_caps)):
        return
    yield Finding(
        id="xen.no_hvm",
        severity=Severity.WARNING,
        title=words(gettext_noop("Hardware virtualisation is off")),
        why=words(gettext_noop("Xen can run PV guests only; HVM and PVH guests will not start.")),
        what_to_do=words(gettext_noop("Turn on VT-x or AMD-V in the firmware.")),
    )


def _queued_invalidation(report: HostReport) -> Iterator[Finding]:
    log = report.xen.log if report.xen else None
    if log is None or not any("queue invalidate wait descriptor" in line for line in log.trouble):
        return
    yield Finding(
        id="xen.qinval",
        severity=Severity.CRITICAL,
        title=words(gettext_noop("The IOMMU does not answer queued invalidation")),
        why=words(gettext_noop("Xen panics with “queue invalidate wait descriptor was not executed” on some boards.")),
        what_to_do=words(gettext_noop("Put iommu=no-qinval on the Xen command line and reboot.")),
    )


def _booted_without_xen(report: HostReport) -> Iterator[Finding]:
    if report.xen is None or report.xen.role != "none" or report.system is None:
        return
    installed = [each.name for each in report.packages or () if each.name.startswith("xen-hypervisor-4")]
    if installed and report.system.virtualization in {"", "none"}:
        yield Finding(
            id="xen.not_booted",
            severity=Severity.WARNING,
            title=words(gettext_noop("Xen is installed but not running")),
            why=words(gettext_noop("%(package)s is there, but Linux was booted without it."), package=installed[0]),
            what_to_do=words(
                gettext_noop("Choose the Xen entry in GRUB (GRUB_DEFAULT, XEN_OVERRIDE_GRUB_DEFAULT) and reboot.")
            ),
        )


def _crash_kernel(report: HostReport) -> Iterator[Finding]:
    if report.kdump is None:
        return
    why = _why_not_caught(report.kdump, report.xen or Xen(), _wanted(report))
    if why is None:
        return
    yield Finding(
        id="kdump.not_ready",
        severity=Severity.WARNING,
        title=words(gettext_noop("A crash would not be caught")),
        why=why,
        what_to_do=_reserve(report.xen or Xen()),
    )


def _wanted(report: HostReport) -> bool:
    """Whether somebody meant crashes to be caught here: a machine without any of it is no finding."""
    kdump = report.kdump or Kdump()
    installed = any(package.name == "kdump-tools" for package in report.packages or ())
    return (
        installed or kdump.config is not None or bool(kdump.crashkernel) or bool(_xen_crashkernel(report.xen or Xen()))
    )


def _why_not_caught(kdump: Kdump, xen: Xen, wanted: bool) -> Words | None:  # noqa: FBT001  (one private caller)
    reserved_by_xen = xen.log.kdump if xen.log else ""
    if reserved_by_xen.startswith("DISABLED"):
        return words(gettext_noop("Xen could not reserve the memory: %(said)s."), said=reserved_by_xen)
    if not wanted or kdump.crash_loaded:
        return None
    if xen.role == "dom0" and kdump.crashkernel and not reserved_by_xen and not _xen_crashkernel(xen):
        return words(
            gettext_noop("crashkernel= stands on the Linux command line; on a dom0 it belongs on the Xen command line.")
        )
    if kdump.config is not None and kdump.config.use_kdump is False:
        return words(gettext_noop("kdump-tools is installed but switched off (USE_KDUMP=0)."))
    if kdump.config is not None and kdump.config.ready is False:
        return words(gettext_noop("kdump-config says: %(state)s."), state=kdump.config.state)
    if kdump.crash_loaded is False:
        return words(gettext_noop("No crash kernel is loaded."))
    return None


def _xen_crashkernel(xen: Xen) -> str:
    lines = [xen.info.command_line if xen.info else "", xen.log.command_line if xen.log else ""]
    return next((word for line in lines for word in line.split() if word.startswith("crashkernel=")), "")


def _reserve(xen: Xen) -> Words:
    if xen.role == "dom0":
        return words(
            gettext_noop("Put crashkernel=256M@64M on the Xen command line, reboot, and load it with kexec -p.")
        )
    return words(
        gettext_noop("Reserve memory with crashkernel= on the kernel command line, reboot, and run kdump-config load.")
    )


XEN_RULES: tuple[Callable[[HostReport], Iterator[Finding]], ...] = (
    _iommu, _no_hvm, _queued_invalidation, _booted_without_xen, _crash_kernel
)  # fmt: skip
