"""Facts of DHCP in, verdicts out. Pure."""
