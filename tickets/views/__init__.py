"""Pages of the desk: read the request, make one service call, answer."""
