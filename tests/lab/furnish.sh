#!/bin/sh
# Turn a fresh Debian tree ($1) into the lab's image: units that cannot work in a container are masked, services of
# roles stay off until a host takes the role, and the three accounts that the tests log in with exist.
set -eu
tree=$1

mask() { for unit in "$@"; do ln -sf /dev/null "$tree/etc/systemd/system/$unit"; done; }
# They need a console, a clock, a kernel log or devices of their own, which a container does not have ...
mask console-getty.service getty.target systemd-networkd-wait-online.service sys-kernel-debug.mount \
    sys-kernel-tracing.mount sys-kernel-config.mount sys-fs-fuse-connections.mount dev-hugepages.mount \
    dev-mqueue.mount proc-sys-fs-binfmt_misc.automount modprobe@.service systemd-modules-load.service \
    systemd-ask-password-console.path systemd-ask-password-wall.path systemd-pstore.service \
    systemd-hwdb-update.service e2scrub_reap.service ldconfig.service systemd-firstboot.service
# ... or would wake up in the middle of somebody's test.
mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer fstrim.timer man-db.timer
# A role's package is in the image, its service is not running: `systemctl enable --now` is what gives a host the role.
for unit in isc-dhcp-server isc-dhcp-relay kea-dhcp4-server nginx systemd-networkd NetworkManager \
    NetworkManager-wait-online; do
    chroot "$tree" systemctl --quiet disable "$unit.service" 2>/dev/null || true
done

install -d "$tree/etc/ssh/sshd_config.d" "$tree/etc/systemd/journald.conf.d" "$tree/var/log/journal"
# No reverse look-ups (there is no name server), and room for fifty log-ins at once.
cat >"$tree/etc/ssh/sshd_config.d/lab.conf" <<'CONF'
HostKey /etc/ssh/ssh_host_ed25519_key
PasswordAuthentication yes
PermitRootLogin prohibit-password
UseDNS no
MaxStartups 100:30:200
MaxSessions 50
CONF
cat >"$tree/etc/systemd/journald.conf.d/lab.conf" <<'CONF'
[Journal]
Storage=persistent
SystemMaxUse=16M
RateLimitBurst=0
CONF
# Every host brings its own keys and machine id.
rm -f "$tree"/etc/ssh/ssh_host_*_key "$tree"/etc/ssh/ssh_host_*_key.pub
: >"$tree/etc/machine-id"
rm -f "$tree/var/lib/dbus/machine-id"

chroot "$tree" useradd --create-home --shell /bin/bash --gid operator --groups sudo --comment 'Lab operator' operator
chroot "$tree" useradd --create-home --shell /bin/bash --groups sudo --comment 'Lab clerk' clerk
printf 'operator ALL=(ALL:ALL) NOPASSWD: ALL\n' >"$tree/etc/sudoers.d/operator"
chmod 0440 "$tree/etc/sudoers.d/operator"

# The image is built with the machine's own apt settings; a host in the lab has no way to any mirror.
rm -f "$tree"/etc/apt/apt.conf.d/99mmdebstrap "$tree"/etc/apt/sources.list.d/* "$tree/etc/apt/sources.list"
rm -rf "$tree"/var/lib/apt/lists/* "$tree"/var/cache/apt/* "$tree"/usr/share/doc/* "$tree"/usr/share/man/* \
    "$tree"/usr/share/locale/* "$tree"/var/log/*.log "$tree"/var/log/apt
