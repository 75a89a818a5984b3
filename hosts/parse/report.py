"""What the facts script printed to a HostReport: bytes in, facts out, damage named and survived."""

from __future__ import annotations

from typing import TypeVar

from hosts.facts.hardware import Cpu, Disk, FileSystem, Link, MdArray, Memory, Nic, Route
from hosts.facts.report import Clock, Gap, HostReport, Kdump, Package, Reboot, Services, System, Xen
from hosts.facts.words import Words, gettext_noop, words
from hosts.parse.cpuinfo import cpuinfo
from hosts.parse.disks import df, lsblk
from hosts.parse.frames import OUTPUT_LIMIT, Frames, Section, frames
from hosts.parse.ip_json import ip_links, ip_routes, joined, sysfs_links
from hosts.parse.kdump import crashkernel, kdump_config
from hosts.parse.kernels import reboot
from hosts.parse.lspci import lspci, nics
from hosts.parse.mdstat import mdstat
from hosts.parse.meminfo import meminfo
from hosts.parse.os_release import os_release
from hosts.parse.reading import decimal, first_values, pairs, whole
from hosts.parse.services import packages, processes, services
from hosts.parse.xl import xl_assignable, xl_dmesg, xl_info, xl_list

SECTIONS = (
    "date", "machine", "uname", "os_release", "meminfo", "cpuinfo", "virtualization", "crash_kernel", "reboot", "xen",
    "sysfs_pci", "sysfs_net", "ip_link", "ip_address", "ip_route", "mdstat", "lspci", "lsblk", "units", "packages",
    "kdump_config", "df", "df_inodes",
)  # fmt: skip
"""Sections every whole report has, be it as absent."""

# These end with another code than 0 though nothing is wrong: a degraded system, "none", a package that is not there,
# a crash kernel that is loaded.
_ODD_CODES = frozenset({"system_state", "virtualization", "packages", "kexec_status", "kdump_config"})
Item = TypeVar("Item")

_TIMED_OUT = frozenset({124, 137, 143})


def host_report(data: bytes) -> HostReport:
    """The facts in `data`, as far as they can be read: a section that is missing, cut or broken leaves its group
    None and is named in `gaps`; what is wrong with the report as a whole is said in `damage`.

    Raises UnreadableFacts where this is no report of the script, or one of another version.
    """
    found = frames(data)
    reader = _Reader(found)
    return HostReport(
        system=reader.system(),
        clock=reader.clock(),
        cpu=reader.cpu(),
        memory=reader.memory(),
        disks=reader.disks(),
        file_systems=reader.file_systems(),
        arrays=reader.arrays(),
        nics=reader.nics(),
        links=reader.links(),
        default_routes=reader.routes(),
        xen=reader.xen(),
        kdump=reader.kdump(),
        services=reader.services(),
        packages=reader.packages(),
        reboot=reader.reboot(),
        as_root=reader.machine.get("uid") == "0",
        complete=found.finished,
        gaps=tuple(_gaps(found)),
        damage=(*found.damage, *reader.damage),
    )


class _Reader:
    """Each method reads one group; None where its section cannot be trusted."""

    def __init__(self, found: Frames) -> None:
        self.sections = found.sections
        self.machine = first_values(pairs(self.output("machine") or "", "="))
        self.damage: list[Words] = []

    def output(self, name: str) -> str | None:
        """The section's text if its tool came to an end well; None if it is absent, cut, timed out or failed."""
        section = self.sections.get(name)
        if section is None or _why(section):
            return None
        return section.output

    def system(self) -> System | None:
        uname = (self.output("uname") or "").split()
        release = os_release(self.output("os_release") or "")
        if not (self.machine or uname or release):
            return None
        build = " ".join(uname[2:-1])
        bios = " ".join(filter(None, (self.machine.get("bios_version"), self.machine.get("bios_date"))))
        return System(
            hostname=self.machine.get("hostname", ""),
            os_id=release.get("ID", ""),
            os_name=release.get("PRETTY_NAME") or release.get("NAME", ""),
            os_version=release.get("VERSION_ID", ""),
            os_codename=release.get("VERSION_CODENAME", ""),
            kernel=uname[1] if len(uname) > 1 else "",
            kernel_build=build,
            architecture=uname[-1] if len(uname) > 2 else "",
            command_line=self.machine.get("command_line", ""),
            virtualization=(self.output("virtualization") or "").strip(),
            vendor=self.machine.get("vendor", ""),
            product=self.machine.get("product", ""),
            serial=self.machine.get("serial", ""),
            bios=bios,
            time_zone=self.machine.get("time_zone", ""),
            boot_id=self.machine.get("boot_id", ""),
        )

    def clock(self) -> Clock | None:
        epoch = whole(self.output("date") or "")
        uptime = decimal(next(iter(self.machine.get("uptime", "").split()), ""))
        load = [decimal(word) for word in self.machine.get("load", "").split()[:3]]
        if epoch is None and uptime is None:
            return None
        return Clock(
            epoch_seconds=epoch,
            uptime_seconds=uptime,
            load=tuple(number for number in load if number is not None),
            synchronized=True if self.machine.get("synchronized") == "yes" else None,
        )

    def cpu(self) -> Cpu | None:
        text = self.output("cpuinfo")
        return None if text is None else cpuinfo(text, whole(self.machine.get("iommu_groups", "")))

    def memory(self) -> Memory | None:
        text = self.output("meminfo")
        return meminfo(text) if text and "MemTotal" in text else None

    def disks(self) -> tuple[Disk, ...] | None:
        text = self.output("lsblk")
        if text is None:
            return None
        found, whole_json = lsblk(text)
        return self.list_of("lsblk", found, whole_json=whole_json)

    def file_systems(self) -> tuple[FileSystem, ...] | None:
        # df ends with 1 when one file system of many does not answer; what it printed of the others is right.
        section = self.sections.get("df")
        if section is None or section.state != "read" or "Mounted on" not in section.output:
            return None
        return df(section.output, self.output("df_inodes") or "")

    def arrays(self) -> tuple[MdArray, ...] | None:
        section = self.sections.get("mdstat")
        if section is not None and section.state == "absent":
            return ()  # the md driver is not loaded: there is no array
        text = self.output("mdstat")
        return None if text is None else mdstat(text)

    def nics(self) -> tuple[Nic, ...] | None:
        walked, listed = self.output("sysfs_pci"), self.output("lspci")
        return None if walked is None and listed is None else nics(walked or "", lspci(listed or ""))

    def links(self) -> tuple[Link, ...] | None:
        printed, addressed, walked = (self.output(name) for name in ("ip_link", "ip_address", "sysfs_net"))
        if printed is None and addressed is None and walked is None:
            return None
        links, links_whole = ip_links(printed or "")
        addresses, addresses_whole = ip_links(addressed or "")
        found = joined(links, addresses, sysfs_links(walked or ""))
        return self.list_of("ip_link", found, whole_json=links_whole and addresses_whole)

    def routes(self) -> tuple[Route, ...] | None:
        text = self.output("ip_route")
        return None if text is None else ip_routes(text)

    def xen(self) -> Xen | None:
        text = self.output("xen")
        if text is None:
            return None
        values = first_values(pairs(text, "="))
        info = xl_info(self.output("xl_info") or "")
        domains, log, assignable = (self.output(name) for name in ("xl_list", "xl_dmesg", "xl_assignable"))
        role = "domU" if values.get("type") == "xen" else "none"
        if "control_d" in values.get("capabilities", "") or info is not None:
            role = "dom0"
        return Xen(
            role=role,
            info=info,
            domains=None if domains is None else xl_list(domains),
            log=None if log is None else xl_dmesg(log),
            assignable=None if assignable is None else xl_assignable(assignable),
        )

    def kdump(self) -> Kdump | None:
        text = self.output("crash_kernel")
        if text is None:
            return None
        values = first_values(pairs(text, "="))
        loaded = {"1": True, "0": False}.get(values.get("loaded", ""))
        status = self.sections.get("kexec_status")
        if status is not None and status.state == "read" and status.exit_code in {0, 1}:
            loaded = status.exit_code == 1  # kexec(8), -S: 1 means that one is loaded
        return Kdump(
            crash_loaded=loaded,
            crashkernel=crashkernel(self.machine.get("command_line", "")),
            reserved_bytes=whole(values.get("reserved_bytes", "")),
            config=kdump_config(self.output("kdump_config") or ""),
        )

    def services(self) -> Services | None:
        listed, running = self.output("units"), self.output("processes")
        files = self.output("unit_files") or ""
        if listed is not None:
            return services(self.output("system_state") or "", listed, self.output("failed") or "", files)
        return None if running is None else processes(running)

    def packages(self) -> tuple[Package, ...] | None:
        text = self.output("packages")
        return None if text is None else packages(text)

    def reboot(self) -> Reboot | None:
        text = self.output("reboot")
        return None if text is None else reboot(text)

    def list_of(self, section: str, found: tuple[Item, ...], *, whole_json: bool) -> tuple[Item, ...] | None:
        if whole_json:
            return found
        self.damage.append(
            words(gettext_noop("The list of %(section)s was cut off; its first part was kept."), section=section)
        )
        return found


def _why(section: Section) -> str:
    """ "" for a section that can be read, else the reason as in Gap."""
    if section.state != "read":
        return section.state
    if section.exit_code in _TIMED_OUT:
        return "timed_out"
    if section.name in _ODD_CODES or section.exit_code == 0:
        return ""
    # 141: the tool went on after as much as the script passes on; what came is right.
    if section.exit_code == 141 and len(section.output) >= OUTPUT_LIMIT // 4:
        return ""
    return "failed"


def _gaps(found: Frames) -> list[Gap]:
    gaps = [
        Gap(section.name, why, section.errors[:500]) for section in found.sections.values() if (why := _why(section))
    ]
    return gaps + [Gap(name, "missing") for name in SECTIONS if name not in found.sections]
