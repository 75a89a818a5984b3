"""Settings, routes and how the panel runs: knows every app, and no app knows it."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
