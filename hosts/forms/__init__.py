"""Forms: what was typed in, checked values out."""
