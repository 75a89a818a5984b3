"""The only room that touches network, disk and processes. Facts go in, facts or errors come out; no rows."""
