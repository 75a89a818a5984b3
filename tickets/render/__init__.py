"""Facts to text: whole text or an error, nothing between."""
