"""Frozen values: what the panel knows, unable to do a thing."""
