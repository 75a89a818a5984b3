"""Dates and times in each language, where Django's own forms do not suit an operator."""
