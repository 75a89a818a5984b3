# Prints the facts of this machine to stdout. It writes nothing, changes nothing and ends by itself.
# POSIX sh, clean under dash and busybox ash; fed to `sh -s`. All is in functions and the last line starts it,
# so that a script that was cut on its way does nothing.
#
# Every line of a tool's stdout is printed behind "|" and of its stderr behind "!", so that no output can be taken
# for one of our own lines, which begin with "@":
#   @rackdesk-facts 1            the first line
#   @begin NAME / @end NAME RC   around a section; RC is the tool's exit code (124: it took too long)
#   @absent NAME WHAT            the tool or file is not here
#   @needs-root NAME             only root can ask
#   @finish                      the last line

LIMIT=262144

# section NAME SECONDS COMMAND...
section() {
    name=$1 seconds=$2
    shift 2
    if ! command -v "$1" >/dev/null 2>&1; then
        echo "@absent $name $1"
        return 0
    fi
    echo "@begin $name"
    # stdout goes through the pipe to descriptor 4; stderr, and the exit code as its last line, into the variable.
    said=$({ { { bounded "$seconds" "$@" </dev/null 4>&-
        printf '\n%s' "$?" >&2; } | head -c "$LIMIT" | sed 's/^/|/' >&4; } 2>&1; } | tail -c 1000)
    code=${said##*"$newline"}
    said=${said%"$newline"*}
    echo
    if [ -n "$said" ]; then
        printf '%s\n' "$said" | sed 's/^/!/'
    fi
    echo "@end $name $code"
}

root_section() {
    if [ "$uid" = 0 ]; then
        section "$@"
    else
        echo "@needs-root $1"
    fi
}

# A program ends by TERM when its seconds are over and by KILL a second later.
bounded() {
    case $timeout_kind in
        kill) timeout -k 1 "$@" ;;
        plain) timeout "$@" ;;
        old) timeout -t "$@" ;;
        *) shift; "$@" ;;
    esac
}

how_timeout_works() {
    if timeout -k 1 5 true; then
        timeout_kind="kill"
    elif timeout 5 true; then
        timeout_kind=plain
    elif timeout -t 5 true; then
        timeout_kind=old
    else
        timeout_kind=none
    fi </dev/null >/dev/null 2>&1
}

file() {
    if [ -r "$2" ]; then
        section "$1" 5 cat "$2"
    else
        echo "@absent $1 $2"
    fi
}

# The small values below are read by the shell itself: no process for each of some hundred files.
first_line() {
    line=
    [ -r "$1" ] || return 1
    { IFS= read -r line <"$1" || [ -n "$line" ]; } 2>/dev/null
}

say() {
    printf '|%s=%s\n' "$1" "$2"
}

put() {
    if first_line "$2"; then say "$1" "$line"; fi
}

# Where a symbolic link to a directory leads: its last component, without a process.
leads_to() {
    target=
    [ -d "$1" ] || return 1
    { cd -P "$1" 2>/dev/null && target=${PWD##*/} && cd /; } || { cd /; return 1; }
}

machine() {
    echo '@begin machine'
    say uid "$uid"
    say timeout "$timeout_kind"
    put hostname /proc/sys/kernel/hostname
    put boot_id /proc/sys/kernel/random/boot_id
    put uptime /proc/uptime
    put load /proc/loadavg
    put command_line /proc/cmdline
    put vendor /sys/class/dmi/id/sys_vendor
    put product /sys/class/dmi/id/product_name
    put serial /sys/class/dmi/id/product_serial
    put bios_version /sys/class/dmi/id/bios_version
    put bios_date /sys/class/dmi/id/bios_date
    put time_zone /etc/timezone
    if [ -e /run/systemd/timesync/synchronized ]; then say synchronized yes; fi
    if [ -d /sys/kernel/iommu_groups ]; then
        groups=0
        for each in /sys/kernel/iommu_groups/*; do
            [ -d "$each" ] && groups=$((groups + 1))
        done
        say iommu_groups "$groups"
    fi
    echo '@end machine 0'
}

kdump_values() {
    echo '@begin crash_kernel'
    put loaded /sys/kernel/kexec_crash_loaded
    put reserved_bytes /sys/kernel/kexec_crash_size
    echo '@end crash_kernel 0'
}

reboot_values() {
    echo '@begin reboot'
    put running_kernel /proc/sys/kernel/osrelease
    for each in /run/reboot-required /var/run/reboot-required; do
        if [ -e "$each" ]; then
            say required yes
            if [ -r "$each.pkgs" ]; then
                while IFS= read -r line; do say package "$line"; done <"$each.pkgs"
            fi
            break
        fi
    done
    for each in /boot/vmlinuz-* /boot/vmlinux-*; do
        if [ -e "$each" ]; then say kernel "${each##*/vmlinu?-}"; fi
    done
    echo '@end reboot 0'
}

# One block of key=value lines for each network function on the PCI bus and each one given to pciback.
pci_values() {
    if ! [ -d /sys/bus/pci/devices ]; then
        echo '@absent sysfs_pci /sys/bus/pci/devices'
        return 0
    fi
    echo '@begin sysfs_pci'
    for each in /sys/bus/pci/devices/*; do
        first_line "$each/class" || continue
        case $line in
            0x02*) pci_function "$each" "$line" ;;
        esac
    done
    echo '@end sysfs_pci 0'
}

pci_function() {
    say slot "${1##*/}"
    say class "$2"
    for key in vendor device subsystem_vendor subsystem_device numa_node sriov_totalvfs sriov_numvfs \
        sriov_offset sriov_stride sriov_vf_device sriov_drivers_autoprobe; do
        put "$key" "$1/$key"
    done
    if leads_to "$1/driver"; then say driver "$target"; fi
    if leads_to "$1/physfn"; then say physfn "$target"; fi
    if leads_to "$1/iommu_group"; then say iommu_group "$target"; fi
    for link in "$1"/net/* "$1"/virtio*/net/*; do
        if [ -d "$link" ]; then say interface "${link##*/}"; fi
    done
    for link in "$1"/virtfn*; do
        if leads_to "$link"; then
            function=$target
            leads_to "$link/driver"
            say virtfn "${link##*/virtfn} $function $target"
        fi
    done
}

net_values() {
    if ! [ -d /sys/class/net ]; then
        echo '@absent sysfs_net /sys/class/net'
        return 0
    fi
    echo '@begin sysfs_net'
    for each in /sys/class/net/*; do
        [ -d "$each" ] || continue
        say interface "${each##*/}"
        for key in ifindex address mtu operstate speed ifalias; do
            put "$key" "$each/$key"
        done
        if leads_to "$each/master"; then say master "$target"; fi
        if leads_to "$each/device"; then say device "$target"; fi
    done
    echo '@end sysfs_net 0'
}

xen_values() {
    echo '@begin xen'
    put type /sys/hypervisor/type
    put capabilities /proc/xen/capabilities
    put guest_type /sys/hypervisor/guest_type
    echo '@end xen 0'
}

xen_sections() {
    first_line /proc/xen/capabilities
    capabilities=$line
    first_line /sys/hypervisor/type
    if [ "$line" != xen ] && [ -z "$capabilities" ]; then return 0; fi
    root_section xl_info 10 xl info
    root_section xl_list 10 xl list
    root_section xl_assignable 10 xl pci-assignable-list
    root_section xl_dmesg 10 xl dmesg
    root_section kexec_status 5 kexec -S
}

service_sections() {
    if [ -d /run/systemd/system ]; then
        section system_state 5 systemctl is-system-running
        section units 10 systemctl list-units --all --type=service --full --plain --no-legend --no-pager
        section unit_files 10 systemctl list-unit-files --type=service --no-legend --no-pager
        section failed 10 systemctl list-units --state=failed --full --plain --no-legend --no-pager
    else
        echo '@absent units systemd'
        section processes 5 ps -A -o comm=
    fi
}

package_sections() {
    if command -v rpm >/dev/null 2>&1 && ! command -v dpkg-query >/dev/null 2>&1; then
        section packages 10 rpm -q --qf 'ii %{NAME} %{VERSION}-%{RELEASE}\n' dhcp-server nginx httpd openssh-server \
            bind unbound kexec-tools mdadm xen chrony
        return 0
    fi
    # shellcheck disable=SC2016  # dpkg-query fills these in
    section packages 10 dpkg-query -W -f '${db:Status-Abbrev} ${Package} ${Version}\n' isc-dhcp-server isc-dhcp-relay \
        kea-dhcp4-server nginx apache2 haproxy openssh-server bind9 unbound dnsmasq kdump-tools kexec-tools \
        makedumpfile mdadm xen-utils-common 'xen-utils-4*' 'xen-hypervisor-4*' certbot chrony ntpsec postgresql
}

main() {
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
    LC_ALL=C
    TERM=dumb
    export PATH LC_ALL TERM
    unset CDPATH
    cd / || return 1
    umask 077
    newline='
'
    exec 4>&1
    echo '@rackdesk-facts 1'
    uid=$(id -u)
    how_timeout_works
    section date 5 date -u +%s
    machine
    section uname 5 uname -srvm
    if [ -r /etc/os-release ]; then file os_release /etc/os-release; else file os_release /usr/lib/os-release; fi
    file meminfo /proc/meminfo
    # Of 256 processors only the first is printed whole; of the others what is needed to count them.
    if [ -r /proc/cpuinfo ]; then
        section cpuinfo 5 sed -n -e '1,/^$/{' -e p -e d -e '}' \
            -e '/^processor/p' -e '/^physical id/p' -e '/^core id/p' /proc/cpuinfo
    else
        echo '@absent cpuinfo /proc/cpuinfo'
    fi
    section virtualization 5 systemd-detect-virt
    kdump_values
    reboot_values
    xen_values
    pci_values
    net_values
    section ip_link 5 ip -j -d link show
    section ip_address 5 ip -j address show
    section ip_route 5 ip -j route show default
    file mdstat /proc/mdstat
    section lspci 10 lspci -Dvmmnnk
    section lsblk 10 lsblk -J -b -o NAME,TYPE,SIZE,ROTA,RO,MODEL,SERIAL,TRAN,FSTYPE,MOUNTPOINT
    service_sections
    package_sections
    section kdump_config 10 kdump-config show
    xen_sections
    section df 10 df -PkT
    section df_inodes 10 df -Pi
    echo '@finish'
}

main
