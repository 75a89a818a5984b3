"""Rows of DHCP on the wire: what is sent is checked here, what it means is judged by the services."""
