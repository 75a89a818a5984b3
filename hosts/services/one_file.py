"""A single file as a change of its own: what was typed in, a proposal out. Nothing is kept under management before."""

from __future__ import annotations

from hosts.facts.change import Bundle, Guard, WantedFile
from hosts.facts.proposal import Meaning, Proposal
from hosts.facts.words import gettext_noop, words
from hosts.services.managed import command_of


def propose_file(
    file: WantedFile,
    *,
    title: str = "",
    check_line: str = "",
    activate_line: str = "",
    verify_line: str = "",
    guard_seconds: int | None = None,
) -> Proposal:
    """Put `file` on a host, or take it away where it has no content. BadInput names the field of a bad command."""
    if file.content is None:
        means = [Meaning("take", words(gettext_noop("Removes %(path)s."), path=file.path))]
    else:
        said = gettext_noop("Writes %(path)s (%(size)s bytes).")
        means = [Meaning("add", words(said, path=file.path, size=len(file.content)))]
    if activate_line.strip():
        said = gettext_noop("Runs %(command)s when the file is in place.")
        means.append(Meaning("heed", words(said, command=activate_line.strip())))
    return Proposal(
        title or file.path,
        Bundle(
            files=(file,),
            check=command_of(check_line, "check_command"),
            activate=command_of(activate_line, "activate_command"),
            verify=command_of(verify_line, "verify_command"),
            guard=Guard(guard_seconds) if guard_seconds else None,
        ),
        tuple(means),
    )
