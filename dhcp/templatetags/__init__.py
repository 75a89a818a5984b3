"""Words and signs of DHCP's pages."""
