# The change itself, detached from the connection that brought it.

prepare() {
    exec 8>>running
    seize "$here/running" 8 0 || exit 0
    exec </dev/null >>log 2>&1
    RACKDESK_CHANGE=$id
    export RACKDESK_CHANGE
    start_clock
    boot_id
    read_order
    trap 'stopped=yes; [ -z "$runner" ] || kill "$runner" 2>/dev/null' TERM INT HUP
}

work() {
    prepare
    if [ -e journal ] || [ -e abandoned ]; then exit 0; fi
    if ! journal "begun $boot $$"; then
        : >abandoned
        exit 1
    fi
    phase=begun
    begin lock
    lock_host 3 || fail busy "$other" ''
    recover_others
    done_step
    look_for_drift
    run_step before "$before"
    stage
    run_step check "$check"
    arm
    swap
    run_step activate "$activate"
    if [ "$reboots" = yes ]; then reboot_host; fi
    verify_and_settle
}

verify_and_settle() {
    run_step verify "$verify"
    confirm
    settle
}

# settle: from here on the new state is the one that stays, whatever happens to this process.
settle() {
    journal settled || fail journal - ''
    phase=settled
    to_disk
    if [ "$unchanged" = no ]; then put_old_away; fi
    why='confirm applied -'
    [ "$unchanged" = no ] || [ "$files" -eq 0 ] || why='confirm unchanged -'
    finish applied
}

# recover_others: changes whose transaction died (power cut, kill) are put right before anything else is done.
recover_others() {
    for journal_of in "$root"/changes/*/journal; do
        other=${journal_of%/journal}
        [ ! -e "$other/end" ] && [ -e "$journal_of" ] && [ "$other" != "$here" ] || continue
        other=${other##*/}
        sh "$root/changes/$other/run" settle "$other" </dev/null >/dev/null 2>&1 8>&-
        if [ -e "$root/changes/$other/end" ]; then
            tell "recovered $other"
        else
            fail busy "$other" ''
        fi
    done
}

# recover: this change's own process is gone. With `settle` the caller holds the host's lock already.
recover() {
    [ -e journal ] && [ ! -e end ] || exit 0
    prepare
    read_journal
    if [ -n "$ended" ]; then
        : >end
        exit 0
    fi
    if [ "$mode" != settle ]; then lock_host 30 || exit 0; fi
    if [ "$phase" = rebooting ] && [ "$mode" != late ]; then still_rebooting && exit 0; fi
    end_left_over
    make_pipes_anew
    tell 'step lock ok'
    [ "$phase" != rebooting ] || rebooted=yes
    case $phase in
    none | begun) step=stage ;;
    swapping) step=swap ;;
    swapped) step=activate ;;
    *) step=confirm ;;
    esac
    case $phase in
    settled) settle ;;
    rebooting) fail not_confirmed - "$guard" ;;
    *) fail cut_off - '' ;;
    esac
}

# A host that is on its way down or up again is left to `boot`, and to the panel that comes to resume.
still_rebooting() {
    [ "${reboot_note%% *}" != "$boot" ] || return 0
    if has_systemd && systemctl --quiet is-active "rackdesk-guard-$id.service"; then return 0; fi
    read -r uptime _ </proc/uptime
    [ "${uptime%%.*}" -lt "$((guard + 60))" ]
}

# boot: systemd starts this after a boot that found the change unconfirmed.
boot() {
    read_order
    read_journal
    boot_id
    if [ "$phase" = rebooting ]; then
        [ "${reboot_note%% *}" != "$boot" ] || exit 0
        sleep "$guard"
    fi
    mode=late
    recover
}

# resumed: the panel came back after the reboot that the change asked for.
resumed() {
    prepare
    read_journal
    if [ -n "$ended" ] || [ "$phase" != rebooting ] || [ "${reboot_note%% *}" = "$boot" ]; then exit 0; fi
    lock_host 5 || exit 0
    rebooted=yes
    make_pipes_anew
    : >resumed
    run_step verify "$verify"
    step=confirm
    tell 'step confirm ok'
    settle
}
