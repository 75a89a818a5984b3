"""Bytes of DHCP servers in, facts out. Pure."""
