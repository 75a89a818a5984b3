"""Machines, organizations, people, SSH and changes: the ground the other apps stand on."""
