"""Celery tasks of the desk: claim a row, go outside, one service call to record."""
