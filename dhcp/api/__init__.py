"""DHCP's front door for programs: read the request, make one service call, answer."""
