"""The only room of dhcp that touches hosts. Facts go in, facts or errors come out; no rows.

Each module has one verb, which a Protocol of the module names; a task takes the verb or, in a test, a fake. Whoever
calls opens the way into the host (`hosts.outside.shell.Pool`) and gives it in.
"""
