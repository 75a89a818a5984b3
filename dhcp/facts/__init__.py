"""Facts of DHCP: what files and logs say, as frozen dataclasses."""
