"""From a bare machine to a running panel: set-up, supervisor, checks. The Makefile is the only caller."""
