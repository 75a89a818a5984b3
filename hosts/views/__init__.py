"""Pages: read the request, make one service call, answer."""
