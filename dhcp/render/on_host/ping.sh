# Which addresses answer. stdin: "SECONDS AT_ONCE", then an address on each line, and an empty line.
#
# Told are "refused noping", or for each address "ping ADDRESS CODE" (0 answers, 1 silent, noroute or other: not asked)
# and "neighbour ADDRESS STATE MAC" where the host has one; at last "done".

one() {
    case $1 in
    *:*) six=-6 ;;
    *) six= ;;
    esac
    if command -v ip >/dev/null 2>&1 && ! ip route get "$1" >/dev/null 2>&1; then
        printf 'ping %s noroute\n' "$1"
        return
    fi
    ping $six -n -q -c 1 -W "$seconds" "$1" </dev/null >/dev/null 2>&1
    printf 'ping %s %s\n' "$1" "$?"
}

neighbours() {
    for each in "$@"; do
        ip neigh show to "$each" 2>/dev/null | while read -r address rest; do
            mac=-
            case $rest in *lladdr\ *) mac=${rest#*lladdr } ;; esac
            printf 'neighbour %s %s %s\n' "$address" "${rest##* }" "${mac%% *}"
        done
    done
}

printf '\nrackdesk dhcp\n'
read -r seconds at_once
set --
while read -r address && [ -n "$address" ]; do set -- "$@" "$address"; done
if command -v ping >/dev/null 2>&1; then
    running=0
    for each in "$@"; do
        one "$each" &
        running=$((running + 1))
        if [ "$running" = "$at_once" ]; then
            wait
            running=0
        fi
    done
    wait
    neighbours "$@"
else
    printf 'refused noping\n'
fi
printf 'done\n'
