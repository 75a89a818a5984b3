# How a change ends: as wanted, refused before anything was touched, or put back.

# fail REASON SUBJECT DETAIL: the running step failed; the host goes back to its old state, and this never returns.
fail() {
    why="$step $1 $2"
    detail=$3
    tell "step $step failed"
    case $phase in
    none | begun)
        forget_staged
        forget_parents
        finish refused
        ;;
    *) put_back ;;
    esac
}

# end STATE STEP REASON SUBJECT AFTERMATH SUBJECT DETAIL
finish() {
    trap '' TERM INT HUP
    write_noted
    journal "end $1 $why $aftermath $detail" || {
        rm -rf wanted rest
        journal "end $1 $why $aftermath $detail"
    }
    if [ "$1" != applied ] && [ "$phase" != begun ]; then sync journal 2>/dev/null || sync; fi
    : 2>/dev/null >end
    disarm
    exec 8>&-
    let_go "$here/running"
    sweep
    let_go "$root/lock"
    if [ "$1" = rolled_back ] && [ "$rebooted" = yes ] && [ "$unchanged" = no ]; then restart; fi
    exit 0
}

most_results=30

# Contents and arguments may be secrets, so they go as soon as they are not needed. Of older changes the result
# stays for a while (somebody may still ask for it), the old files only of this one.
sweep() {
    set -- wanted commands files order rest counts said answer ./*.pipe ./pipe.* found.access found.sums staged.sums
    count=0
    for other in "$root"/changes/*; do
        count=$((count + 1))
        if [ "$other" != "$here" ] && [ -e "$other/end" ] && [ -e "$other/old" ]; then set -- "$@" "$other/old"; fi
    done
    if [ "$count" -gt "$most_results" ]; then
        for other in $(ls -1t "$root/changes" | tail -n "+$((most_results + 1))"); do
            if [ -e "$root/changes/$other/end" ]; then set -- "$@" "$root/changes/$other"; fi
        done
    fi
    rm -rf -- "$@" 2>/dev/null
}

# put_back: every file as it was, whatever happens to one of them; then `undo`, or `activate` again.
put_back() {
    trap 'stopped=yes' TERM INT HUP
    step=put_back
    tell 'step put_back running'
    wrong=
    if [ "$unchanged" = no ]; then
        for n in $backwards; do
            load "$n"
            if ! restore; then
                wrong=${wrong:-$path_token}
                tell "still_new $path_token"
            fi
        done
        if [ -z "$wrong" ]; then forget_staged; fi
        forget_parents
    fi
    if [ -n "$wrong" ]; then
        aftermath="put_back_failed $wrong"
    elif [ "$activated" = yes ]; then
        undo_commands
    fi
    case $aftermath in
    '- -')
        done_step
        finish rolled_back
        ;;
    *)
        tell 'step put_back failed'
        finish failed
        ;;
    esac
}

undo_commands() {
    ran_before=$ran
    if [ "$undo" -gt 0 ]; then
        run_all undo "$undo" || aftermath="undo_failed $label"
    elif [ "$unchanged" = yes ]; then
        aftermath="cannot_undo $ran_before/$activate"
    else
        run_all activate "$activate" again || aftermath="undo_failed $label"
    fi
}
