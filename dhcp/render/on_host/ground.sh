# What all programs for a host begin with: words of the request, and parts of an open file.
# Descriptors are read through /proc/self/fd: it is the same file even where its name leads to another by now.

decode() {
    case $1 in
    *\\*)
        word=$(printf '%b.' "$1")
        word=${word%.}
        ;;
    *) word=$1 ;;
    esac
}

# Whether the file at $1 can be opened; says why not.
can_open() {
    if ! [ -e "$1" ]; then
        why=missing
    elif ! [ -f "$1" ]; then
        why=other
    elif ! [ -r "$1" ]; then
        why=denied
    else
        why=
        return 0
    fi
    return 1
}

# Of descriptor $1: inode size mtime, and born: when the file was made, 0 where that is not known.
measure() {
    # shellcheck disable=SC2046  # three numbers
    set -- "$1" $(stat -L -c '%i %s %Y' "/proc/self/fd/$1")
    inode=$2 size=$3 mtime=$4
    born=$(stat -L -c %W "/proc/self/fd/$1" 2>/dev/null)
    case $born in '' | *[!0-9]*) born=0 ;; esac
}

# part DESCRIPTOR OFFSET LENGTH
part() {
    tail -c "+$(($2 + 1))" <"/proc/self/fd/$1" | head -c "$3"
}

# Exactly as many bytes, also where the file became shorter while it was read: the rest is zeros.
whole_part() {
    {
        part "$@"
        cat /dev/zero
    } 2>/dev/null | head -c "$3"
}

# digest DESCRIPTOR OFFSET BORN: of the bytes just before the offset, as dhcp.parse.marks makes it.
digest() {
    from=$(($2 - window))
    [ "$from" -ge 0 ] || from=0
    sum=$({
        [ "$3" = 0 ] || printf '%s ' "$3"
        printf '%s %s ' "$from" "$(($2 - from))"
        part "$1" "$from" "$(($2 - from))"
    } | sha256sum)
    sum=${sum%% *}
}

# Whether the file that was measured, open as $1, is the one of the mark: INODE OFFSET TAIL BORN.
goes_on() {
    [ "$inode" = "$2" ] && [ "$3" -le "$size" ] || return 1
    digest "$1" "$3" "$5"
    [ "$sum" = "$4" ]
}
