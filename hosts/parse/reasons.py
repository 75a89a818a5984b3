"""What a host gave as the reason of an end in, a sentence for people out."""

from __future__ import annotations

from hosts.choices import ChangeState
from hosts.facts.words import Words, gettext_noop, words

REASONS = {
    "applied": gettext_noop("The host has the new state."),
    "unchanged": gettext_noop("The files were as wanted already, so none was touched; the commands ran."),
    # before anything is looked at
    "state_directory": gettext_noop(
        "/var/lib/rackdesk on the host is a symbolic link or belongs to somebody else than the panel's user there, "
        "so it is not trusted."
    ),
    "not_received": gettext_noop("The host could not take in the change: %(detail)s"),
    "upload_cut": gettext_noop("The change did not reach the host whole."),
    "not_started": gettext_noop("The host took in the change but could not start it."),
    "journal": gettext_noop("The host could not write its journal under /var/lib/rackdesk. %(detail)s"),
    "busy": gettext_noop("Change %(subject)s is running on this host."),
    # drift
    "other_content": gettext_noop("The content of %(subject)s was changed on the host after the difference was made."),
    "other_access": gettext_noop(
        "Owner, group or mode of %(subject)s were changed on the host after the difference was made (found %(detail)s)."
    ),
    "gone": gettext_noop("%(subject)s was removed on the host after the difference was made."),
    "appeared": gettext_noop("%(subject)s was made on the host after the difference was made."),
    "is_symlink": gettext_noop("%(subject)s is a symbolic link on the host; the panel does not replace links."),
    "is_directory": gettext_noop("%(subject)s is a directory on the host."),
    "is_other": gettext_noop("%(subject)s is a device, pipe or socket on the host."),
    "unreadable": gettext_noop("A file could not be read on the host: %(detail)s"),
    # staging and swapping
    "no_parent": gettext_noop("The directory that %(subject)s shall be in does not exist."),
    "parent_not_made": gettext_noop("The directory for %(subject)s could not be made: %(detail)s"),
    "not_written": gettext_noop("The new %(subject)s could not be written beside the old one: %(detail)s"),
    "wrong_copy": gettext_noop("The new %(subject)s did not arrive on the disk as it was sent (is the disk full?)."),
    "not_kept": gettext_noop("The old %(subject)s could not be kept: %(detail)s"),
    "not_armed": gettext_noop("The guard could not be armed: %(detail)s"),
    "not_renamed": gettext_noop("The new %(subject)s could not be put in place: %(detail)s"),
    "not_removed": gettext_noop("%(subject)s could not be removed: %(detail)s"),
    # commands
    "exit": gettext_noop("“%(subject)s” ended with code %(detail)s."),
    "timed_out": gettext_noop("“%(subject)s” did not end within %(detail)s s and was stopped."),
    "not_found": gettext_noop("“%(subject)s” could not be started: there is no such program, or it may not be run."),
    # the end
    "not_confirmed": gettext_noop("The panel did not come back to confirm within %(detail)s s."),
    "not_rebooted": gettext_noop("The host did not restart within %(detail)s s."),
    "stopped": gettext_noop("The host was shut down, or the change was stopped there, while it ran."),
    "cut_off": gettext_noop(
        "The transaction on the host was cut off (a power cut, or it was killed) and was put right at the next contact."
    ),
    "no_result": gettext_noop("The host kept no result of this change."),
    "rebooting": gettext_noop("The host is restarting."),
}

AFTERMATHS = {
    "put_back_failed": gettext_noop(
        "%(after)s could not be put back; the log names each file that is still the new one."
    ),
    "undo_failed": gettext_noop("The old files are back, but “%(after)s” failed, so look at what it should have done."),
    "cannot_undo": gettext_noop("%(after)s commands ran; what commands did cannot be undone."),
}

UNKNOWN = gettext_noop("The host gave a reason that this panel does not know.")

STATES: dict[str, str] = {
    ChangeState.REFUSED: gettext_noop("The host is as it was."),
    ChangeState.ROLLED_BACK: gettext_noop("The old state is back."),
}


def sentence(state: str, reason: str, subject: str, after: str, after_subject: str, detail: str) -> Words:
    """What happened, and what the host looks like now."""
    what = words(REASONS.get(reason, UNKNOWN), subject=subject, detail=detail)
    now = words(AFTERMATHS[after], after=after_subject) if after in AFTERMATHS else words(STATES.get(state, ""))
    return words("%(what)s %(now)s", what=what, now=now) if now.msgid else what


def said(raw: bytes) -> str:
    """The words of a tool on the host, on one line."""
    return "".join(c if c.isprintable() else " " for c in raw.decode("utf-8", "replace")).strip()
