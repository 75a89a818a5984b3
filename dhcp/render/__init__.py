"""Facts in, whole texts for DHCP servers out, or RenderError. Pure."""
