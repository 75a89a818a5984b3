# What lies at some paths of a host. stdin: "MOST_BYTES", a token for each path whose content is wanted, an empty
# line, a token for each path whose sum is enough, an empty line.
#
# First, changes whose transaction died (a power cut, a kill) are put right, and told: "recovered ID END"; then "ready".
# Then, for each of the two lists, one line per path, "kind KIND [BASE64 OF TARGET]", and for each regular file
# "file MODE UID GID SIZE USER:GROUP" and "sum SHA256"; or the base64 of its content, up to "."; at last "done".
newline='
'

decode() {
    case $1 in
    *\\*)
        word=$(printf '%b.' "$1")
        word=${word%.}
        ;;
    *) word=$1 ;;
    esac
}

recover() {
    for journal in /var/lib/rackdesk/changes/*/journal; do
        change=${journal%/journal}
        [ -e "$journal" ] && [ ! -e "$change/end" ] || continue
        sh "$change/run" recover "${change##*/}" </dev/null >/dev/null 2>&1
        [ -e "$change/end" ] || continue
        result=
        while read -r key rest; do [ "$key" != end ] || result=$rest; done <"$change/journal"
        printf 'recovered %s %s\n' "${change##*/}" "$result"
    done
}

kind_of() {
    kind=absent
    target=
    if [ -L "$1" ]; then
        kind=symlink
        target=$(readlink -- "$1" | base64 | tr -d '\n')
    elif [ -f "$1" ]; then
        kind=file
    elif [ -d "$1" ]; then
        kind=directory
    elif [ -e "$1" ]; then
        kind=other
    fi
    printf 'kind %s %s\n' "$kind" "$target"
}

accesses() { stat -c '%a %u %g %s %U:%G' -- "$@" 2>&1; }

contents() {
    accesses "$@" | for path in "$@"; do
        read -r mode uid gid size names
        printf 'file %s %s %s %s %s\n' "$mode" "$uid" "$gid" "$size" "$names"
        if [ "$size" -le "$most" ]; then
            base64 <"$path" || printf '!\n'
            printf '.\n'
        else
            one_sum "$path"
        fi
    done
}

one_sum() {
    sum=$(sha256sum <"$1")
    printf 'sum %s\n' "${sum%% *}"
}

sums() {
    accesses "$@" | while read -r line; do printf 'file %s\n' "$line"; done
    case "$*" in
    *"$newline"*) for path in "$@"; do one_sum "$path"; done ;;
    *) sha256sum -- "$@" | while read -r sum _; do printf 'sum %s\n' "${sum#\\}"; done ;;
    esac
}

# One section of stdin, up to an empty line: kinds of all, then VERB over the regular files.
section() {
    verb=$1
    shift
    while read -r token && [ -n "$token" ]; do
        decode "$token"
        kind_of "$word"
        if [ "$kind" = file ]; then set -- "$@" "$word"; fi
    done
    [ $# -eq 0 ] || "$verb" "$@"
}

printf '\nrackdesk compare\n'
recover
printf 'ready\n'
read -r most
section contents
section sums
printf 'done\n'
