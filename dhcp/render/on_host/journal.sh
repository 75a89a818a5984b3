# DHCP's entries in the journal after a cursor. stdin: "MOST_LINES SINCE CURSOR" (- for none), then a match on each line.
#
# Told are "refused nojournal", or "|JSON" for each entry, "!TEXT" for what journalctl complains of, "gap" where the
# cursor is of no use any more, "limited" where the login may only see entries of its own, "code N"; at last "done".

ask() { # OPTION
    said=$({ { { journalctl --no-pager --all -o json --output-fields=MESSAGE,SYSLOG_IDENTIFIER,_PID,_HOSTNAME "$@" </dev/null 4>&-
    printf '\n%s' "$?" >&2; } | head -n "$most" | sed 's/^/|/' >&4; } 2>&1; } | tail -c 1000)
    code=${said##*[!0-9]}
    [ "$said" = "$code" ] || printf '%s\n' "${said%"$code"}" | sed '/^$/d;s/^/!/'
}

printf '\nrackdesk dhcp\n'
read -r most since cursor
set --
while read -r match && [ -n "$match" ]; do
    decode "$match"
    set -- "$@" "$word"
done
if command -v journalctl >/dev/null 2>&1; then
    exec 4>&1
    code=1
    if [ "$cursor" != 0 ]; then
        decode "$cursor"
        ask "--after-cursor=$word" "$@"
        [ "$code" = 0 ] || [ "$code" = 141 ] || printf 'gap\n'
    fi
    [ "$code" = 0 ] || [ "$code" = 141 ] || ask "--since=-$since" "$@"
    case " $(id -u) $(id -nG) " in
    ' 0 '* | *' adm '* | *' systemd-journal '* | *' wheel '*) ;;
    *) printf 'limited\n' ;;
    esac
    printf 'code %s\n' "$code"
else
    printf 'refused nojournal\n'
fi
printf 'done\n'
