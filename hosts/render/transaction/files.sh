# Files of the bundle: what lies there, staging, swapping, and putting back.

# load N: the Nth file of the order in variables. A shell reads byte by byte, so what is loaded is not read again.
loaded=
load() {
    [ "$loaded" != "$1" ] || return 0
    loaded=$1
    {
        read -r path_token
        read -r action
        read -r token_owner
        read -r token_group
        read -r wanted_mode
        read -r wanted_sum
        read -r make_parents
        read -r seen_kind
        read -r seen_sum
        read -r token_seen_owner
        read -r token_seen_group
        read -r seen_mode
        read -r name
    } <"files/$1"
    decode "$path_token"
    path=$word
    decode "$token_owner"
    wanted_owner=$word
    decode "$token_group"
    wanted_group=$word
    decode "$token_seen_owner"
    seen_owner=$word
    decode "$token_seen_group"
    seen_group=$word
    directory=${path%/*}/
    staged=$directory$name.dpkg-new
    kept=$directory$name.dpkg-old
}

kind_of() {
    if [ -L "$1" ]; then
        kind=symlink
    elif [ -f "$1" ]; then
        kind=file
    elif [ -d "$1" ]; then
        kind=directory
    elif [ -e "$1" ]; then
        kind=other
    else
        kind=absent
    fi
}

# sums FILE...: one line per file that begins with its sha256 (after a backslash where the name is an odd one).
sums() {
    case "$*" in
    *"$newline"*) for one in "$@"; do sha256sum <"$one" || return 1; done ;;
    *) sha256sum -- "$@" ;;
    esac
}

# access MODE:UID:GID:USER:GROUP OWNER GROUP MODE: whether these are the same; an owner may be a name or a number.
same_access() {
    found_mode=${1%%:*}
    found=${1#*:}
    found_uid=${found%%:*}
    found=${found#*:}
    found_gid=${found%%:*}
    found=${found#*:}
    case $2 in "$found_uid" | "${found%%:*}") ;; *) return 1 ;; esac
    case $3 in "$found_gid" | "${found#*:}") ;; *) return 1 ;; esac
    [ "$found_mode" = "$4" ]
}

# Every live file against what the difference was made from; and, on the way, against what is wanted.
look_for_drift() {
    if [ "$files" -eq 0 ]; then
        skip drift
        return
    fi
    begin drift
    unchanged=yes
    set --
    for n in $numbers; do
        load "$n"
        kind_of "$path"
        case $kind in symlink | directory | other) fail "is_$kind" "$path_token" '' ;; esac
        case $seen_kind:$kind in
        file:absent) fail gone "$path_token" '' ;;
        absent:file) fail appeared "$path_token" '' ;;
        esac
        [ "$kind" = absent ] || set -- "$@" "$path"
        case $action:$kind in put:file | remove:absent) ;; *) unchanged=no ;; esac
    done
    if [ $# -gt 0 ]; then
        stat -c '%a:%u:%g:%U:%G' -- "$@" >found.access 2>said && sums "$@" >found.sums 2>said ||
            fail unreadable - "$(last_said)"
        compare_found
    fi
    done_step
}

compare_found() {
    exec 3<found.access 4<found.sums
    for n in $numbers; do
        load "$n"
        [ "$seen_kind" = file ] || continue
        read -r access <&3 && read -r sum _ <&4 || fail unreadable "$path_token" ''
        sum=${sum#\\}
        [ "$sum" = "$seen_sum" ] || fail other_content "$path_token" ''
        same_access "$access" "$seen_owner" "$seen_group" "$seen_mode" || fail other_access "$path_token" "$access"
        [ "$sum" = "$wanted_sum" ] && same_access "$access" "$wanted_owner" "$wanted_group" "$wanted_mode" ||
            unchanged=no
    done
    exec 3<&- 4<&-
}

# The last line that a tool wrote about its failure.
last_said() {
    last='no message could be kept; the disk may be full'
    while read -r line; do [ -z "$line" ] || last=$line; done 2>/dev/null <said
    printf '%.300s' "$last"
}

# make_parents_of N: missing directories above `path`; how many levels were made is in the journal first.
make_parents_of() {
    missing=${path%/*}
    levels=0
    while [ -n "$missing" ] && [ ! -d "$missing" ]; do
        levels=$((levels + 1))
        missing=${missing%/*}
    done
    [ "$levels" -gt 0 ] || return 0
    [ "$make_parents" = yes ] || fail no_parent "$path_token" ''
    journal "parents $1:$levels" || fail journal - ''
    parents="$1:$levels $parents"
    (umask 022 && mkdir -p -- "$directory") 2>said || fail parent_not_made "$path_token" "$(last_said)"
}

# place FROM TO: a copy with the wanted owner, group and mode.
place() {
    if has install; then
        install -o "$wanted_owner" -g "$wanted_group" -m "$wanted_mode" -- "$1" "$2"
    else
        rm -f -- "$2" && cat "$1" >"$2" && chown -- "$wanted_owner:$wanted_group" "$2" &&
            chmod -- "$wanted_mode" "$2"
    fi
}

stage() {
    if [ "$files" -eq 0 ] || { [ "$unchanged" = yes ] && [ "$check" -eq 0 ]; }; then
        skip stage
        return
    fi
    begin stage
    set --
    for n in $numbers; do
        load "$n"
        [ "$action" = put ] || continue
        make_parents_of "$n"
        place "wanted/$n" "$staged" 2>said || fail not_written "$path_token" "$(last_said)"
        set -- "$@" "$staged"
    done
    if [ $# -gt 0 ]; then
        sums "$@" >staged.sums 2>said || fail unreadable - "$(last_said)"
        exec 4<staged.sums
        for n in $numbers; do
            load "$n"
            [ "$action" = put ] || continue
            read -r sum _ <&4
            [ "${sum#\\}" = "$wanted_sum" ] || fail wrong_copy "$path_token" ''
        done
        exec 4<&-
    fi
    done_step
}

# keep_old: a second name in the same directory for each file that will go, so that putting it back is one rename
# and needs no room on the disk. A file system without hard links gets a copy.
keep_old() {
    for n in $numbers; do
        load "$n"
        [ "$seen_kind" = file ] || continue
        ln -- "$path" "$kept" 2>/dev/null || cp -p -- "$path" "$kept" 2>said ||
            fail not_kept "$path_token" "$(last_said)"
    done
}

# to_disk: the journal, the directories that are touched, and (staged) the new contents.
to_disk() {
    set -- journal .
    previous=
    for n in $numbers; do
        load "$n"
        if [ -f "$staged" ]; then set -- "$@" "$staged"; fi
        if [ "$directory" != "$previous" ] && [ -d "$directory" ]; then set -- "$@" "$directory"; fi
        previous=$directory
    done
    sync -- "$@" 2>/dev/null || sync
}

swap() {
    if [ "$files" -eq 0 ] || [ "$unchanged" = yes ]; then
        unchanged=yes
        forget_staged
        journal unchanged || fail journal - ''
        if [ "$activate" -gt 0 ]; then touched; fi
        skip swap
        return
    fi
    begin swap
    keep_old
    journal swapping || fail journal - ''
    to_disk
    phase=swapping
    for n in $numbers; do
        load "$n"
        if [ "$action" = put ]; then
            [ ! -d "$path" ] || fail is_directory "$path_token" ''
            mv -f -- "$staged" "$path" 2>said || fail not_renamed "$path_token" "$(last_said)"
        elif [ "$seen_kind" = file ]; then
            rm -f -- "$path" 2>said || fail not_removed "$path_token" "$(last_said)"
        fi
        [ "$stopped" = no ] || fail stopped - ''
    done
    touched
    done_step
}

# touched: from here on a failure means undoing what the commands did, too.
touched() {
    journal swapped || fail journal - ''
    phase=swapped
    activated=yes
}

# restore: the file that `load` named is as it was. Doing it twice does no harm. A staged file that is still there
# was not swapped, and neither was a file that the kept one is another name of.
restore() {
    if [ "$action" = put ] && [ -e "$staged" ]; then return 0; fi
    if [ "$seen_kind" = absent ]; then
        [ "$action" = remove ] || rm -f -- "$path"
    elif [ -e "$kept" ]; then
        if [ -d "$path" ]; then return 1; fi
        [ "$kept" -ef "$path" ] || mv -f -- "$kept" "$path"
    else
        [ -f "$path" ] && sum=$(sha256sum <"$path") && [ "${sum%% *}" = "$seen_sum" ]
    fi
}

forget_staged() {
    set --
    for n in $numbers; do
        load "$n"
        if [ "$action" = put ] && [ -e "$staged" ]; then set -- "$@" "$staged"; fi
        if [ "$seen_kind" = file ] && [ -e "$kept" ]; then set -- "$@" "$kept"; fi
    done
    [ $# -eq 0 ] || rm -f -- "$@"
}

# Directories that were made for a file go again, where nothing else has moved in.
forget_parents() {
    for made in $parents; do
        load "${made%:*}"
        levels=${made#*:}
        missing=${path%/*}
        while [ "$levels" -gt 0 ]; do
            rmdir -- "$missing" 2>/dev/null || break
            missing=${missing%/*}
            levels=$((levels - 1))
        done
    done
    parents=
}

# What was there before moves into this change's directory and stays until a later change prunes it.
put_old_away() {
    for n in $numbers; do
        load "$n"
        if [ "$seen_kind" = file ] && [ -e "$kept" ]; then
            mv -f -- "$kept" "old/$n" || rm -f -- "$kept"
        fi
    done
}
