# What the panel asks for over a connection: start and follow, find, confirm, resume.

# launch MODE: this program again, outside of the session that a cut line would end.
launch() {
    if [ -d /run/systemd/system ] && has systemd-run &&
        systemd-run --quiet --collect --no-ask-password --unit="rackdesk-$id${2:-}" --property=KillMode=process \
            --property=StandardOutput=null --property=StandardError=null --property=IgnoreSIGPIPE=no \
            /bin/sh "$here/run" "$1" "$id" </dev/null >/dev/null 2>&1; then
        return
    fi
    if has setsid; then
        setsid sh "$here/run" "$1" "$id" </dev/null >/dev/null 2>&1 &
    else
        trap '' HUP
        sh "$here/run" "$1" "$id" </dev/null >/dev/null 2>&1 &
    fi
}

# begun LOOKS: whether the transaction is under way, or was. The first looks come soon, but each costs a process; 30
# take about 15 seconds. The transaction does not wait for this.
begun() {
    looks=0
    until [ -s journal ]; do
        if [ -e abandoned ] || [ "$looks" -ge "$1" ]; then return 1; fi
        looks=$((looks + 1))
        case $looks in
        [1-9]) sleep 0.1 ;;
        *) sleep 0.7 ;;
        esac
    done
}

# answer WORDS: an end that is not the log's; fields as in `finish`.
answer() { printf '\n@%s end %s .\n' "$id" "$*"; }

# never_started: what was given up before it had begun stays so.
never_started() {
    if [ -e abandoned ] && [ ! -s journal ]; then
        answer refused lock not_started - - -
        exit 0
    fi
}

start() {
    never_started
    [ -e journal ] || launch main
    if ! begun 30; then
        exec 8>>running
        if seize "$here/running" 8 0; then : >abandoned; fi
        never_started
        exec 8>&-
        let_go "$here/running"
    fi
    show
}

# find_again: a change that asked for a reboot goes on here, once the host is up again and the panel is back.
find_again() {
    never_started
    if ! begun 11; then
        printf '\n@%s unknown\n' "$id"
        exit 0
    fi
    read_journal
    boot_id
    if [ "$phase" = rebooting ] && [ -z "$ended" ] && [ "${reboot_note%% *}" != "$boot" ]; then
        launch resumed -resumed
        tries=0
        until [ -e resumed ] || [ -e end ] || [ "$tries" -ge 500 ]; do
            tries=$((tries + 1))
            sleep 0.02
        done
    fi
    show
}

show() {
    printf '\n@%s log %s\n' "$id" "$offset"
    follow 1
}

say_confirmed() {
    read_journal
    if [ "$phase" = waiting ] && [ -z "$ended" ] && ! free running; then
        echo confirmed 1<>answer
        printf '\n@%s confirmed\n' "$id"
    else
        printf '\n@%s unknown\n' "$id"
    fi
}

# follow ATTEMPT: the log from `offset` on, as it grows, until the change ends or the host goes down; then its result.
follow() {
    read_journal
    if [ -n "$ended" ]; then
        tail -c "+$((offset + 1))" log
    else
        if carried_out; then
            waiter=${began_in#* }
        else
            (await running) &
            waiter=$!
        fi
        show_log
    fi
    read_journal
    if [ -n "$ended" ]; then
        answer "$ended"
    elif [ "$phase" = rebooting ]; then
        answer applying confirm rebooting - - -
    elif [ "$1" -lt 3 ]; then
        offset=$(wc -c <log)
        launch recover "-recover$1"
        tries=0
        until [ -e end ] || ! free running || [ "$tries" -ge 100 ]; do
            tries=$((tries + 1))
            sleep 0.02
        done
        follow "$(($1 + 1))"
    else
        answer failed lock no_result - - -
    fi
}

# carried_out: whether the process that began is there still, and is no other one under its number: such a one would
# not be called by this change. (A shell reads over the NUL bytes between the arguments.)
carried_out() {
    called=
    read -r called 2>/dev/null <"/proc/${began_in#* }/cmdline"
    case $called in *"/changes/$id/run"main"$id") ;; *) return 1 ;; esac
}

# free FILE: whether nobody holds it.
free() {
    if has flock; then
        flock -n -s 6 6<"$1"
        return
    fi
    boot_id
    ! { read -r owner owned_in 2>/dev/null <"$1.pid" && alive "$owner" && [ "$owned_in" = "$boot" ]; }
}

# GNU tail hears of each write from the kernel and ends after `waiter` did, with all of the log shown. Where it is
# another tail (a link to busybox, say) the log is looked at five times a second.
show_log() {
    tail=$(command -v tail)
    if [ -L "$tail" ] && ! tail -c 1 --pid=1 /dev/null 2>/dev/null; then
        poll_log
        return
    fi
    tail -c "+$((offset + 1))" -s 0.05 --pid="$waiter" -f log 2>/dev/null &
    shower=$!
    wait "$waiter"
    wait "$shower"
}

poll_log() {
    shown=$offset
    while :; do
        working=no
        kill -0 "$waiter" 2>/dev/null && working=yes
        size=$(wc -c <log)
        if [ "$size" -gt "$shown" ]; then
            tail -c "+$((shown + 1))" log | head -c "$((size - shown))" || return
            shown=$size
        fi
        [ "$working" = yes ] || return 0
        sleep 0.2
    done
}

case $mode in
start) start ;;
follow) find_again ;;
confirm) say_confirmed ;;
main) work ;;
recover | settle) recover ;;
resumed) resumed ;;
boot) boot ;;
esac
