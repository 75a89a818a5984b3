"""Forms of DHCP: what was typed in, checked rows out, not saved yet."""
