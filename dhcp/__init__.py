"""DHCP: subnets, pools, reservations, relays and the leases that clients hold."""
