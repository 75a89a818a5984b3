# DHCP's lines in a log file since a mark. stdin: "MOST_BYTES WINDOW FIRST_BYTES PATH INODE OFFSET TAIL".
#
# Told are "refused WHY", or "clock SECONDS ZONE", "|LINE" for each line, "gap" where lines are lost, and
# "mark INODE OFFSET TAIL MORE"; at last "done". Without a mark the last FIRST_BYTES are read. Only whole lines are.

wanted='dhc|message from|sending (adv|rep|rel)|iaid = |unable to pick|relaying |client [0-9a-f:]+ re|discarding |bootre[pq]|alloc_engine|abandon|icmp echo|uid lease|unknown subnet|no subnet|failover|peer|udp checksum|send_packet|bind update'

# lines DESCRIPTOR FROM: those up to the file's end, or as many as may be sent; `next` is where the next one begins.
lines() {
    length=$((size - $2))
    more=0
    rest=0
    if [ "$length" -gt "$most" ]; then
        length=$most
        more=1
    fi
    if [ "$length" -gt 0 ] && [ "$(part "$1" "$(($2 + length - 1))" 1 | tr '\n' x)" != x ]; then
        rest=$(part "$1" "$2" "$length" | tail -n 1 | wc -c)
        [ "$rest" -lt "$length" ] || [ "$length" -lt "$full" ] || rest=0 # a line longer than all: it is passed over
    fi
    length=$((length - rest))
    next=$(($2 + length))
    most=$((most - length))
    [ "$length" = 0 ] || part "$1" "$2" "$length" | grep -a -i -E "$wanted" | sed 's/^/|/'
}

mark() { # DESCRIPTOR MORE
    digest "$1" "$next" 0
    printf '\nmark %s %s %s %s\n' "$inode" "$next" "$sum" "$2"
}

# The file of the mark under the name that rotation gave it, open as 4.
rotated() {
    for each in "$path.1" "$path.0" "$path"-[0-9]* "$path".[0-9]*; do
        case $each in *.gz | *.xz | *.bz2 | *.zst) continue ;; esac
        can_open "$each" || continue
        exec 4<"$each"
        measure 4
        real=$inode
        # Copied, perhaps, and then emptied; no file is known again by nothing.
        [ "$each" != "$path.1" ] || [ "$mark_offset" = 0 ] || inode=$mark_inode
        if goes_on 4 "$mark_inode" "$mark_offset" "$mark_tail" 0; then
            inode=$real
            case $each in "$path".1 | "$path".0 | "$path"-*) ;; *) printf 'gap\n' ;; esac
            return 0
        fi
    done
    return 1
}

follow() {
    measure 3
    if [ "$mark_inode" = 0 ]; then
        next=$((size - first))
        if [ "$next" -le 0 ]; then next=0; else next=$((next + $(part 3 "$next" "$first" | head -n 1 | wc -c))); fi
    elif goes_on 3 "$mark_inode" "$mark_offset" "$mark_tail" 0; then
        next=$mark_offset
    elif rotated; then
        lines 4 "$mark_offset"
        if [ "$more" = 1 ]; then
            mark 4 1
            return 0
        fi
        measure 3
        next=0
    else
        printf 'gap\n'
        measure 3
        next=0
    fi
    lines 3 "$next"
    mark 3 "$more"
}

printf '\nrackdesk dhcp\n'
read -r most window first path mark_inode mark_offset mark_tail
decode "$path"
path=$word
full=$most
printf 'clock %s\n' "$(date '+%s %z')"
if can_open "$path"; then
    exec 3<"$path" || exit 1
    follow || exit 1
else
    printf 'refused %s\n' "$why"
fi
printf 'done\n'
