"""Pages of DHCP: a request in, one service call, a page out."""
