"""SQLite as the panel uses it: `base` is a Django database backend."""
