"""Mail servers: the only code of the desk that touches the network. It knows facts, not rows."""
