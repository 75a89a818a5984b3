"""The shape of rows on the wire, one file for each idea."""

from hosts.serializers.pages import KeyPagination

__all__ = ["KeyPagination"]
