# The guard: the old state comes back unless the panel confirms over a new connection, also after a power cut.

unit=/etc/systemd/system/rackdesk-guard-$id.service
wanted_by=/etc/systemd/system/multi-user.target.wants

has_systemd() { [ -d /run/systemd/system ] && has systemctl; }

# arm: before anything is swapped. The unit is for the next boot; the timer is for this one, should the transaction
# itself be killed while it waits.
arm() {
    [ "$guard" -gt 0 ] && has_systemd || return 0
    {
        printf '%s\n' '[Unit]' "Description=Rackdesk puts back what change $id did unless it is confirmed" \
            'After=local-fs.target network.target' '[Service]' 'Type=simple' 'KillMode=process' 'IgnoreSIGPIPE=no' \
            "ExecStart=/bin/sh $here/run boot $id" '[Install]' 'WantedBy=multi-user.target' >"$unit" &&
            mkdir -p "$wanted_by" && ln -sf "$unit" "$wanted_by/rackdesk-guard-$id.service" &&
            sync "$unit" /etc/systemd/system "$wanted_by"
    } 2>said || fail not_armed - "$(last_said)"
    systemd-run --quiet --collect --no-ask-password --unit="rackdesk-guard-$id-timer" \
        --on-active="$((guard + $(time_limits)))" --timer-property=AccuracySec=100ms \
        --property=KillMode=process --property=IgnoreSIGPIPE=no /bin/sh "$here/run" recover "$id" </dev/null 2>said ||
        fail not_armed - "$(last_said)"
}

# The longest that the commands after the swap may take, in seconds.
time_limits() {
    total=30
    for file in commands/activate.* commands/verify.*; do
        if read -r seconds 2>/dev/null <"$file"; then total=$((total + seconds + 6)); fi
    done
    printf '%s' "$total"
}

disarm() {
    [ "$guard" -gt 0 ] && has_systemd || return 0
    rm -f -- "$unit" "$wanted_by/rackdesk-guard-$id.service"
    stop_timer
}

confirm() {
    if [ "$guard" -eq 0 ]; then
        skip confirm
        return
    fi
    exec 6<>answer
    journal waiting || fail journal - ''
    phase=waiting
    begin confirm
    (
        sleep "$guard"
        echo expired >answer
    ) >/dev/null 2>&1 6>&- 8>&- 9>&- &
    expiry=$!
    answer=
    read -r answer <&6
    kill "$expiry" 2>/dev/null
    exec 6>&-
    [ "$stopped" = no ] || fail stopped - ''
    [ "$answer" = confirmed ] || fail not_confirmed - "$guard"
    done_step
}

# reboot_host: the activation ends here; what follows happens in `resumed`, or in `boot` if the panel does not come.
# A shutdown ends this process; where none comes, the old state is put back.
reboot_host() {
    boot_id
    phase=rebooting
    step=confirm
    journal "rebooting $boot" || fail journal - ''
    to_disk
    tell 'step confirm running'
    stop_timer
    trap 'exit 0' TERM INT HUP
    exec 8>&-
    let_go "$here/running"
    restart
    sleep "$guard" 8>&- 9>&- &
    wait $!
    fail not_rebooted - "$guard"
}

stop_timer() {
    if has_systemd; then systemctl stop --no-block "rackdesk-guard-$id-timer.timer" 2>/dev/null; fi
}

# After a put back that followed a reboot, too, only another one makes the old state the running one.
restart() {
    if has_systemd; then systemctl --no-block reboot; else reboot; fi
}
