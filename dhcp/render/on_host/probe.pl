use strict;
use warnings;
use Socket;
my ($device, $mac, $giaddr, $seconds) = @ARGV;
$| = 1;
sub value {
    my ($name) = @_;
    open my $file, "<", "/sys/class/net/$device/$name" or do { print "There is no interface $device.\n"; exit 2 };
    my $line = <$file>;
    chomp $line;
    return $line;
}
sub bytes { (my $hex = $_[0]) =~ s/://g; return pack "H12", $hex }
sub checksum {
    my ($data) = @_;
    my $sum = 0;
    $data .= "\0" if length($data) % 2;
    $sum += $_ for unpack "n*", $data;
    $sum = ($sum & 0xffff) + ($sum >> 16) while $sum >> 16;
    return ~$sum & 0xffff;
}
my $relayed = $giaddr ne "-";
my $xid = pack "N", int rand 4294967296;
my $source = $relayed ? inet_aton($giaddr) : "\0" x 4;
my $all = "\xff" x 4;
my $bootp = pack("C4", 1, 1, 6, $relayed ? 1 : 0) . $xid . pack("nn", 0, 0x8000) . "\0" x 12 . $source;
$bootp .= bytes($mac) . "\0" x 202 . pack("C4", 99, 130, 83, 99) . pack("C*", 53, 1, 1, 55, 3, 1, 3, 51, 255);
$bootp .= "\0" x (300 - length $bootp);
my $udp = pack("n4", $relayed ? 67 : 68, 67, 8 + length $bootp, 0) . $bootp;
substr($udp, 6, 2) = pack "n", checksum($source . $all . pack("CCn", 0, 17, length $udp) . $udp) || 0xffff;
my $ip = pack("CCnnnCCn", 0x45, 0, 20 + length $udp, 0, 0, 64, 17, 0) . $source . $all;
substr($ip, 10, 2) = pack "n", checksum($ip);
my $frame = "\xff" x 6 . bytes(value("address")) . pack("n", 0x0800) . $ip . $udp;
my $to = pack("SnlSCC", 17, 0x0800, value("ifindex"), 1, 0, 6) . "\xff" x 6 . "\0\0";
socket(my $wire, 17, SOCK_RAW, unpack "S", pack "n", 3) or do { print "No raw socket: $!.\n"; exit 2 };
my ($end, $again) = (time + $seconds, 0);
while (time < $end) {
    if (time >= $again) {
        send($wire, $frame, 0, $to) or do { print "Nothing can be sent on $device: $!.\n"; exit 2 };
        $again = time + 3;
    }
    my $ready = "";
    vec($ready, fileno $wire, 1) = 1;
    next unless select $ready, undef, undef, 0.5;
    recv $wire, my $got, 2048, 0;
    next unless length $got > 54 and unpack("n", substr $got, 12, 2) == 0x0800 and ord(substr $got, 23, 1) == 17;
    my $reply = substr $got, 22 + 4 * (ord(substr $got, 14, 1) & 15);
    next unless length $reply > 240 and ord $reply == 2 and substr($reply, 4, 4) eq $xid;
    next unless substr($reply, 236) =~ /^\x63\x82\x53\x63(?:.*)\x35\x01\x02/s;
    print "OFFER of ", inet_ntoa(substr $reply, 16, 4), " from ", inet_ntoa(substr $got, 26, 4), "\n";
    exit 0;
}
print "No OFFER within $seconds seconds.\n";
exit 1;
