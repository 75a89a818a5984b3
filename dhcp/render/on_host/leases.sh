# What is new in a lease file. stdin: "KIND MOST_BYTES WINDOW PATH INODE OFFSET TAIL" (isc or kea; - for no mark).
#
# Told are "refused WHY", or "large BYTES", or for each file, the last being the one at PATH,
#   file INODE SIZE MTIME BORN
#   head BASE64                its first line, where what is new is not its beginning
#   data FROM NEW LENGTH       LENGTH bytes follow, from offset FROM; what is new begins at NEW. None where NEW is SIZE.
# and at last "done".

send() { # DESCRIPTOR NEW
    length=$((size - $2))
    [ "$length" -le "$most" ] || length=$most
    from=$2
    [ "$length" = 0 ] || from=$(($2 - window))
    [ "$from" -ge 0 ] || from=0
    length=$((length + $2 - from))
    printf 'file %s %s %s %s\n' "$inode" "$size" "$mtime" "$born"
    [ "$2" = 0 ] || printf 'head %s\n' "$(part "$1" 0 1024 | head -n 1 | base64 | tr -d '\n')"
    printf 'data %s %s %s\n' "$from" "$2" "$length"
    [ "$length" = 0 ] || whole_part "$1" "$from" "$length"
    printf '\n'
}

# Of the file at PATH, open as 3. Kea's file belongs to what its cleaning left: with another one it is another file.
identify() {
    measure 3
    [ "$kind" != kea ] || born=$born.$(stat -L -c %i.%s.%Y "$path.2" 2>/dev/null)
}

current() {
    identify
    if [ "$mark_inode" != - ] && goes_on 3 "$mark_inode" "$mark_offset" "$mark_tail" "$born"; then
        send 3 "$mark_offset"
        return 0
    fi
    return 1
}

inode_at() {
    if [ -f "$1" ]; then stat -L -c %i "$1"; else echo none; fi
}

# Kea's cleaning (LFC) renames PATH to PATH.1, makes PATH.completed of PATH.2 and PATH.1, and that PATH.2. A state in
# between is told by inodes that are not the same after all files were opened.
open_kea() {
    others="$(inode_at "$path.completed") $(inode_at "$path.2") $(inode_at "$path.1")"
    exec 3<"$path" 4<&- 5<&-
    older=
    previous=
    if [ -f "$path.1" ]; then exec 5<"$path.1" && previous=5; fi
    if [ -f "$path.completed" ]; then
        exec 4<"$path.completed" && older=4
    elif [ -f "$path.2" ]; then
        exec 4<"$path.2" && older=4
    fi
    identify
    [ "$others" = "$(inode_at "$path.completed") $(inode_at "$path.2") $(inode_at "$path.1")" ] &&
        [ "$inode" = "$(inode_at "$path")" ]
}

kea() {
    current && return 0
    tries=5
    until (open_kea) 2>/dev/null && open_kea; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return 1
        sleep 1
    done
    total=0
    for each in $older $previous 3; do
        measure "$each"
        total=$((total + size))
    done
    if [ "$total" -gt "$most" ]; then
        printf 'large %s\n' "$total"
        return 0
    fi
    for each in $older $previous; do
        measure "$each"
        most=$size
        send "$each" 0
    done
    identify
    most=$size
    send 3 0
}

printf '\nrackdesk dhcp\n'
read -r kind most window path mark_inode mark_offset mark_tail
decode "$path"
path=$word
if ! can_open "$path" && [ "$kind" = kea ]; then sleep 1; fi # it may be between two renames
if can_open "$path"; then
    exec 3<"$path" || exit 1
    case $kind in
    kea) kea || exit 1 ;;
    *) current || send 3 0 ;;
    esac
else
    printf 'refused %s\n' "$why"
fi
printf 'done\n'
