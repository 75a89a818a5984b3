"""The shape of the desk's rows on the wire, one file for each idea."""
