# Commands of the bundle: argv from the order, a time limit, output into the log without ever being waited for.

# How much of a command's output is written as it comes, and how much of its end is kept after that (bytes).
live_bytes=65536
last_bytes=65536

# tally: reads what dd said: `records`, and `bytes` where this dd tells them.
tally() {
    records=0
    bytes=
    while read -r first rest; do
        case $rest in
        'records in'*) records=$((${first%+*} + ${first#*+})) ;;
        byte*) bytes=$first ;;
        esac
    done 2>/dev/null <counts
    [ -n "$bytes" ] || bytes=$((records * 1024))
}

# capture: output of a command on stdin, the log on stdout. TERM ends it: the command is over then, and something
# it started still holds the pipe. That is read on into nothing, so that a daemon does not die of a closed pipe.
capture() {
    reader=
    over=no
    trap 'over=yes; [ -z "$reader" ] || kill "$reader" 2>/dev/null' TERM
    exec 6<&0
    take_live
    [ "$place" != limit ] || take_last
    [ "$over" = yes ] || [ "$place" = broken ] || return 0
    cat <&6 >/dev/null 2>&1 &
    reader=$!
    [ "$over" = yes ] || wait "$reader" 2>/dev/null
}

# take_live: `place` tells where it stopped: end, limit, or broken (the log could not be written).
take_live() {
    left=$live_bytes
    place=limit
    while [ "$left" -ge 1024 ]; do
        reads=$((left / 1024))
        # dd passes on what one read gives, so it is live, and it tells how much that was.
        dd bs=1024 count="$reads" <&6 2>counts &
        reader=$!
        wait "$reader" 2>/dev/null || place=broken
        tally
        [ "$place" = broken ] || [ "$records" -eq "$reads" ] || place=end
        [ "$place" = limit ] || return 0
        [ "$bytes" -ge 4096 ] || bytes=4096
        left=$((left - bytes))
    done
}

# take_last: the rest is counted, and only its end kept.
take_last() {
    tail -c "$last_bytes" <rest.pipe >rest &
    keeper=$!
    wc -c <count.pipe >counts &
    counter=$!
    tee rest.pipe <&6 >count.pipe &
    reader=$!
    wait "$reader" 2>/dev/null
    wait "$keeper"
    wait "$counter"
    read -r bytes 2>/dev/null <counts || bytes=0
    [ "$bytes" -le "$last_bytes" ] || tell "left_out $((bytes - last_bytes))"
    cat rest
}

# wait_for PID: its exit code, also where a signal to this shell broke the waiting off.
wait_for() {
    while :; do
        wait "$1" 2>/dev/null
        ended_with=$?
        if [ "$ended_with" -gt 128 ] && kill -0 "$1" 2>/dev/null; then continue; fi
        return "$ended_with"
    done
}

# make_pipes_anew: for a second process that carries the change on; what the first one left in them is gone.
make_pipes_anew() {
    set -- ./pipe.*.*[0-9] rest.pipe count.pipe
    rm -f -- "$@" ./pipe.*.captured
    mkfifo "$@" 2>said
}

# end_capture: the command is over. As a rule its output is too, a moment later; else something that it started
# holds the pipe, and after a second the capture is told to end.
end_capture() {
    looks=0
    until [ -e "$pipe.captured" ] || [ "$looks" -ge 6 ]; do
        looks=$((looks + 1))
        (:) # gives way: where others wait for a processor, they get their turn before this shell looks again
    done
    grace=
    if [ ! -e "$pipe.captured" ]; then
        (
            second=
            over=no
            trap 'over=yes; [ -z "$second" ] || kill "$second"' TERM
            sleep 1 &
            second=$!
            [ "$over" = no ] || kill "$second"
            wait "$second" && kill "$capturer"
        ) >/dev/null 2>&1 8>&- 9>&- &
        grace=$!
    fi
    wait_for "$capturer"
    if [ -n "$grace" ]; then
        kill "$grace" 2>/dev/null
        wait_for "$grace"
    fi
}

# run_command FILE PIPE: 1 with `problem`, `label` and `detail` set where it failed.
run_command() {
    exec 5<"$1"
    pipe=$2
    read -r seconds <&5
    read -r label <&5
    set --
    while read -r token <&5; do
        decode "$token"
        set -- "$@" "$word"
    done
    exec 5<&-
    tell "command $label"
    started=${uptime%%.*}
    {
        capture
        : >"$pipe.captured"
    } <"$pipe" 8>&- 9>&- &
    capturer=$!
    timeout -k 5 "$seconds" "$@" </dev/null >"$pipe" 2>&1 8>&- 9>&- &
    runner=$!
    wait_for "$runner"
    code=$?
    runner=
    end_capture
    note "exit $code"
    [ "$code" -ne 0 ] || return 0
    detail=$code
    problem=exit
    case $code in
    126 | 127) problem=not_found ;;
    124 | 137 | 143) [ "$((${uptime%%.*} - started))" -lt "$seconds" ] || problem=timed_out detail=$seconds ;;
    esac
    return 1
}

# run_all PHASE COUNT [PIPES]: the commands of a phase in their order; stops at the first that fails.
run_all() {
    ran=0
    while [ "$ran" -lt "$2" ]; do
        ran=$((ran + 1))
        if [ "$stopped" = yes ] && [ "$step" != put_back ]; then fail stopped - ''; fi
        run_command "commands/$1.$ran" "pipe.${3:-$1}.$ran" || return 1
    done
}

# run_step STEP COUNT: the whole step, or its failure.
run_step() {
    if [ "$2" -eq 0 ]; then
        skip "$1"
        return
    fi
    begin "$1" note
    if ! run_all "$1" "$2"; then
        if [ "$stopped" = yes ]; then fail stopped - ''; fi
        fail "$problem" "$label" "$detail"
    fi
    done_step
}

# What a transaction that was killed had started may still be running: it is in that one's session, and carries the
# change's id in its environment. A daemon has a session of its own and is left alone.
end_left_over() {
    [ "${began_in% *}" = "$boot" ] || return 0
    for signal in TERM KILL; do
        found=no
        for process in /proc/[0-9]*; do
            read -r status 2>/dev/null <"$process/stat" || continue
            status=${status##*) }
            status=${status#* * * }
            [ "${status%% *}" = "${began_in#* }" ] || continue
            grep -q "RACKDESK_CHANGE=$id" "$process/environ" 2>/dev/null || continue
            kill -s "$signal" "${process#/proc/}" 2>/dev/null && found=yes
        done
        [ "$found" = yes ] || return 0
        [ "$signal" = KILL ] || sleep 1
    done
}
