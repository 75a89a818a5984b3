"""Bytes from outside to facts."""
