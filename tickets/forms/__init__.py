"""Forms of the desk: what was typed in, checked values out."""
