# Ends a lease in a running dhcpd. stdin: "PORT KEY ALGORITHM SECRET IP MAC" (0 for no key, for any MAC).
#
# The lease's end becomes now, by the host's clock: the server itself then does what it does with any lease that ends.
# Told are "refused noomshell", or "state N", "mac M" and "error TEXT" of the lease as it was, and "ended" or "failed TEXT"
# where its client is the one that is meant; at last "done".

session() {
    {
        printf 'server 127.0.0.1\nport %s\n' "$port"
        [ "$name" = 0 ] || printf 'key-algorithm %s\nkey %s %s\n' "$algorithm" "$name" "$secret"
        printf 'connect\nnew lease\nset ip-address = %s\nopen\n' "$ip"
        [ $# = 0 ] || printf '%s\n' "$@"
    } | bounded omshell 2>&1
}

bounded() {
    if command -v timeout >/dev/null 2>&1; then timeout 15 "$@"; else "$@"; fi
}

value() { printf '%s\n' "$said" | sed -n "s/^$1 = //p" | tail -n 1; }

problem() { printf '%s\n' "$said" | sed -n "s/^[> ]*\(can't [a-z]* object: .*\)/\1/p;s/^[> ]*\(dhcpctl_[a-z]*: .*\)/\1/p" | head -n 1; }

printf '\nrackdesk dhcp\n'
read -r port name algorithm secret ip mac
decode "$name"
name=$word
decode "$secret"
secret=$word
if command -v omshell >/dev/null 2>&1; then
    said=$(session)
    state=$(value state)
    client=$(value hardware-address)
    printf 'state %s\nmac %s\nerror %s\n' "${state:-none}" "${client:-none}" "$(problem)"
    if [ "$state" = 00:00:00:02 ] && { [ "$mac" = 0 ] || [ "$mac" = "$client" ]; }; then
        now=$(printf '%08x' "$(date +%s)" | sed 's/../&:/g;s/:$//')
        said=$(session "set ends = $now" update)
        failed=$(problem)
        if [ -n "$failed" ]; then printf 'failed %s\n' "$failed"; else printf 'ended\n'; fi
    fi
else
    printf 'refused noomshell\n'
fi
printf 'done\n'
