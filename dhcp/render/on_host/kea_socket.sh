# One command for Kea's control socket. stdin: "PATH JSON".
#
# Told are "refused WHY" (nosocket, closed, notool), or "answer JSON" on one line; at last "done".
# perl is on every Debian (perl-base); where it is missing, socat or OpenBSD's nc do the same.

with_perl() {
    perl -MIO::Socket::UNIX -e '
        my $socket = IO::Socket::UNIX->new(Peer => $ARGV[0]) or exit 9;
        alarm 20;
        local $/;
        print $socket scalar <STDIN>;
        $socket->shutdown(1);
        print scalar <$socket>;' "$1"
}

ask() {
    if perl -MIO::Socket::UNIX -e 1 2>/dev/null; then
        with_perl "$1"
    elif command -v socat >/dev/null 2>&1; then
        socat -t 20 - "UNIX-CONNECT:$1"
    elif nc -h 2>&1 | grep -q -e ' -U\|\[-[A-Za-z0-9]*U'; then
        nc -w 20 -U "$1"
    else
        return 8
    fi
}

printf '\nrackdesk dhcp\n'
read -r path asked
decode "$path"
path=$word
decode "$asked"
if [ -S "$path" ]; then
    said=$(printf '%s' "$word" | ask "$path" 2>/dev/null)
    code=$?
    if [ "$code" = 8 ]; then
        printf 'refused notool\n'
    elif [ -z "$said" ]; then
        printf 'refused closed\n'
    else
        printf 'answer %s\n' "$(printf '%s' "$said" | tr '\n' ' ')"
    fi
else
    printf 'refused nosocket\n'
fi
printf 'done\n'
