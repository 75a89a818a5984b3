#!/bin/sh
# One host of the lab from power-on to power-off:
#     unshare --mount --net --pid --fork --kill-child --mount-proc sh host.sh IMAGE DIR GROUP NAME ADDRESS/BITS GATEWAY
# Its disk, root, line and processes live in these namespaces and go with them, so nothing is left behind however it
# ends: killing this script, which is process 1 in there, is the power cut.
# Waits for one line on stdin before it boots: by then the lab has put eth0 into the namespace.
set -eu
image=$1 dir=$2 group=$3 name=$4 address=$5 gateway=$6

mount --make-rprivate /
# nobarrier: a flush to the machine's own disk would measure that disk, and a lab's data is not worth it.
mount -o loop,noatime,nobarrier "$dir/disk.img" "$dir/disk"
mount -t overlay -o "lowerdir=$image,upperdir=$dir/disk/upper,workdir=$dir/disk/work" "$name" "$dir/root"

read -r _plugged
ip link set lo up
ip addr add "$address" dev eth0
ip link set eth0 up
ip route add default via "$gateway"

# Each host gets control groups of its own: nspawn would put all of them into one, where they stop each other's services.
enter_groups() {
    for tree in /sys/fs/cgroup /sys/fs/cgroup/systemd /sys/fs/cgroup/unified /sys/fs/cgroup/memory; do
        [ -w "$tree/cgroup.procs" ] || continue
        mkdir -p "$tree/$group"
        echo 0 >"$tree/$group/cgroup.procs"
    done
}

# With --keep-unit nspawn ends with 133 where the host asked for a reboot, and leaves the starting again to its caller.
# SYSTEMD_NSPAWN_TMPFS_TMP: /tmp lies on the host's disk, as on any Debian 12.
# CAP_NET_ADMIN: the network namespace is the host's own, and its services set addresses and routes in it.
while :; do
    status=0
    (
        enter_groups
        export SYSTEMD_NSPAWN_TMPFS_TMP=0
        exec systemd-nspawn --quiet --boot --directory="$dir/root" --machine="$name" --register=no --keep-unit \
            --network-namespace-path=/proc/self/ns/net --capability=CAP_NET_ADMIN --link-journal=no \
            --resolv-conf=off --timezone=off --console=pipe </dev/null
    ) || status=$?
    [ "$status" -eq 133 ] || exit "$status"
done
