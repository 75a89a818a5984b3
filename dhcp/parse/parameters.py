"""The words that set something in a dhcpd.conf: parameters and permissions of dhcpd.conf(5), ISC DHCP 4.4."""

from __future__ import annotations

PARAMETERS = frozenset(
    """
    abandon-lease-time adaptive-lease-time-threshold allow always-broadcast always-reply-rfc1048 authoritative
    boot-unknown-clients check-secs-byte-order db-time-format ddns-domainname ddns-dual-stack-mixed-mode
    ddns-guard-id-must-match ddns-hostname ddns-local-address4 ddns-local-address6 ddns-other-guard-is-dynamic
    ddns-rev-domainname ddns-ttl ddns-update-style ddns-updates default-lease-time delayed-ack deny dhcp-cache-threshold
    dhcpv6-lease-file-name dhcpv6-pid-file-name dhcpv6-set-tee-times do-forward-updates do-reverse-updates
    dont-use-fsync dynamic-bootp-lease-cutoff dynamic-bootp-lease-length echo-client-id failover filename
    fixed-address fixed-address6 fixed-prefix6 get-lease-hostnames host-identifier ignore ignore-client-uids
    infinite-is-reserved interface lease lease-file-name lease-id-format limit-addrs-per-ia limit-prefs-per-ia
    limited-broadcast-address local-address local-address6 local-port log-facility log-threshold-high log-threshold-low
    match max-ack-delay max-lease-time min-lease-time min-secs next-server not omapi-key omapi-port one-lease-per-client
    persist-eui-64-leases pid-file-name ping-check ping-cliff-ms ping-timeout ping-timeout-ms preferred-lifetime
    prefix-length-mode release-on-roam remote-port server-id-check server-identifier server-name site-option-space
    spawn stash-agent-options uid unicast-multicast-addr update-conflict-detection update-optimization
    update-static-leases use-eui-64 use-host-decl-names use-lease-addr-for-default-route user-class vendor-class
    vendor-option-space
    """.split()  # noqa: SIM905  (a list of strings over 70 lines would be harder to compare with the manual page)
)
