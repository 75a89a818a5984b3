# What every part stands on: the words of the order, the journal, the log, the two locks.
#
# sh run MODE ID [OFFSET]     MODE: start follow confirm | main recover settle resumed boot
#
# /var/lib/rackdesk/lock              held while a change works on this host; holds its id
# /var/lib/rackdesk/changes/ID/
#   run order files/N wanted/N commands/PHASE.N    what was sent
#   journal     one line for each point that recovery has to know, "WORD ... ."
#   log         "\n@ID AT WORD ...\n" between what the commands print
#   running     locked while the change works; followers wait for it
#   old/N       the files that were there before
set -u
umask 077
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL
mode=$1
id=$2
offset=${3:-0}
root=/var/lib/rackdesk
here=$root/changes/$id
newline='
'
cd "$here" || exit 1

epoch=0
phase=none
step=lock
stopped=no
runner=
activated=no
unchanged=no
parents=
why='- - -'
aftermath='- -'
detail=
noted=
ran=0
rebooted=no
guard=0

has() { command -v "$1" >/dev/null 2>&1; }

# decode TOKEN: sets `word`. A token is printable ASCII without blanks; all else is written \0ooo, nothing is \c.
decode() {
    case $1 in
    *\\*)
        word=$(printf '%b.' "$1")
        case $1 in '\c') word= ;; *) word=${word%.} ;; esac
        ;;
    *) word=$1 ;;
    esac
}

# The clock is read once; after that the kernel's uptime moves the time on, so a jump of the clock does no harm.
start_clock() {
    epoch=$(date +%s)
    if read -r uptime _ 2>/dev/null </proc/uptime; then epoch=$((epoch - ${uptime%%.*})); fi
}

# note WORDS: a line of the log, written together with the next that is told: each write wakes who follows, the
# connection and the panel. For what ends, since something else begins right after.
note() {
    if read -r uptime _ 2>/dev/null </proc/uptime; then :; else uptime=0.00; fi
    noted="$noted$newline@$id $((epoch + ${uptime%%.*})).${uptime#*.} $*$newline"
}

# tell WORDS: a line of the log that is seen at once.
tell() {
    note "$*"
    write_noted
}

write_noted() {
    printf '%s' "$noted" 2>/dev/null
    noted=
}

# begin STEP [note]
begin() {
    step=$1
    "${2:-tell}" "step $1 running"
    [ "$stopped" = no ] || fail stopped - ''
}

done_step() { note "step $step ok"; }

skip() {
    step=$1
    note "step $1 skipped"
}

# A line counts only when it ends in " .": a torn one, after a power cut, is no line.
journal() { printf '%s .\n' "$*" 2>/dev/null >>journal; }

read_journal() {
    phase=none
    ended=
    parents=
    began_in=
    while read -r key rest; do
        case $rest in *.) rest=${rest%.} rest=${rest% } ;; *) continue ;; esac
        case $key in
        begun) phase=begun began_in=$rest ;;
        parents) parents="$rest $parents" ;;
        unchanged) unchanged=yes ;;
        swapping | swapped | waiting | settled) phase=$key ;;
        rebooting) phase=rebooting reboot_note=$rest ;;
        end) ended=$rest ;;
        esac
    done <journal 2>/dev/null
    case $phase in swapped | waiting | rebooting) activated=yes ;; esac
}

boot_id() { read -r boot 2>/dev/null </proc/sys/kernel/random/boot_id || boot=unknown; }

alive() { [ -n "$1" ] && [ -d "/proc/$1" ]; }

# seize FILE FD SECONDS: holds FILE until the process ends or lets go. Where there is no flock the file holds the
# owner's process id and boot, and one that is no longer there is passed over.
seize() {
    tries=0
    if has flock; then
        until flock -n -x "$2"; do
            [ "$tries" -lt "$(($3 * 5))" ] || return 1
            tries=$((tries + 1))
            sleep 0.2
        done
        return
    fi
    boot_id
    while ! (set -C && printf '%s %s\n' "$$" "$boot" >"$1.pid") 2>/dev/null; do
        read -r owner owned_in 2>/dev/null <"$1.pid" || owner=
        if alive "$owner" && [ "$owned_in" = "$boot" ]; then
            [ "$tries" -lt "$(($3 * 5))" ] || return 1
            tries=$((tries + 1))
            sleep 0.2
        else
            rm -f -- "$1.pid"
        fi
    done
}

let_go() { has flock || rm -f -- "$1.pid"; }

# await FILE: returns when nobody holds FILE.
await() {
    if has flock; then
        exec flock -s 6 6<"$1"
    fi
    boot_id
    while read -r owner owned_in 2>/dev/null <"$1.pid" && alive "$owner" && [ "$owned_in" = "$boot" ]; do
        sleep 0.2
    done
}

lock_host() {
    exec 9>>"$root/lock"
    if seize "$root/lock" 9 "$1"; then
        printf '%s\n' "$id" 2>/dev/null >"$root/lock.id"
        return 0
    fi
    read -r other 2>/dev/null <"$root/lock.id" || other=-
    return 1
}

read_order() {
    read -r files before check activate verify undo guard reboots <order
    numbers=
    backwards=
    number=1
    while [ "$number" -le "$files" ]; do
        numbers="$numbers $number"
        backwards="$number $backwards"
        number=$((number + 1))
    done
}
