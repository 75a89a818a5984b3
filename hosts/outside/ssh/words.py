"""What the SSH edge says to people: what happened, that nothing was touched, and what to do."""

from __future__ import annotations

from collections.abc import Iterable

from hosts.errors import Explainable
from hosts.facts.machine import HostFacts, PinnedKey
from hosts.facts.words import Words, gettext_noop, reason, words


def name_not_found(address: str) -> Words:
    return words(
        gettext_noop("The name %(address)s leads to no address. Check the host's address or the DNS."),
        address=address,
    )


def refused(address: str, port: int) -> Words:
    return words(
        gettext_noop(
            "%(address)s refuses connections on port %(port)s. The machine is up, but no SSH server listens there."
        ),
        address=address,
        port=port,
    )


def no_route(address: str, port: int) -> Words:
    return words(
        gettext_noop("There is no way to %(address)s, port %(port)s: no route. Is the machine on, and its network?"),
        address=address,
        port=port,
    )


def no_answer(address: str, port: int, seconds: float) -> Words:
    return words(
        gettext_noop(
            "%(address)s, port %(port)s, does not answer within %(seconds)s seconds. "
            "The machine is off or a firewall drops the packets."
        ),
        address=address,
        port=port,
        seconds=f"{seconds:g}",
    )


def not_connected(address: str, port: int, why: str) -> Words:
    return words(
        gettext_noop("No connection to %(address)s, port %(port)s: %(why)s."),
        address=address,
        port=port,
        why=why,
    )


def silent(address: str, port: int, seconds: float) -> Words:
    return words(
        gettext_noop(
            "%(address)s accepts connections on port %(port)s but says nothing for %(seconds)s seconds. "
            "Its SSH server hangs, or it is not an SSH server."
        ),
        address=address,
        port=port,
        seconds=f"{seconds:g}",
    )


def closed_at_banner(address: str, port: int) -> Words:
    return words(
        gettext_noop(
            "%(address)s closes the connection on port %(port)s before it says who it is. Its SSH server "
            "turns the panel away: too many connections at once, a block list, or a broken server."
        ),
        address=address,
        port=port,
    )


def no_ssh(address: str, port: int) -> Words:
    return words(
        gettext_noop("What listens at %(address)s, port %(port)s, does not speak SSH. Check the port."),
        address=address,
        port=port,
    )


def no_agreement(address: str, why: str) -> Words:
    return words(
        gettext_noop("%(address)s and the panel found no common way to encrypt: %(why)s."),
        address=address,
        why=why,
    )


def handshake_broke(address: str, why: str) -> Words:
    return words(
        gettext_noop("The connection to %(address)s broke while keys were exchanged: %(why)s."),
        address=address,
        why=why,
    )


def login_broke(host: HostFacts) -> Words:
    return words(
        gettext_noop(
            "%(host)s closed the connection during the login of %(user)s. Its log says why (journalctl -u ssh)."
        ),
        host=host.name,
        user=host.login.username,
    )


def login_hangs(host: HostFacts, seconds: float) -> Words:
    return words(
        gettext_noop(
            "%(host)s does not answer the login of %(user)s within %(seconds)s seconds. "
            "A name service or PAM module may hang there."
        ),
        host=host.name,
        user=host.login.username,
        seconds=f"{seconds:g}",
    )


def key_refused(host: HostFacts) -> Words:
    return words(
        gettext_noop(
            "%(host)s does not accept the panel's key for %(user)s. Add the credential's public line to "
            "that user's authorized_keys there."
        ),
        host=host.name,
        user=host.login.username,
    )


def password_refused(host: HostFacts) -> Words:
    return words(
        gettext_noop("%(host)s does not accept the password of %(user)s."),
        host=host.name,
        user=host.login.username,
    )


def method_refused(host: HostFacts, allowed: Iterable[str]) -> Words:
    return words(
        gettext_noop("%(host)s does not let %(user)s in with this kind of credential; it takes: %(allowed)s."),
        host=host.name,
        user=host.login.username,
        allowed=", ".join(allowed) or "-",
    )


def second_factor(host: HostFacts, wanted: Iterable[str]) -> Words:
    return words(
        gettext_noop(
            "%(host)s accepts the credential of %(user)s but wants a second one as well (%(wanted)s). "
            "The panel cannot give that."
        ),
        host=host.name,
        user=host.login.username,
        wanted=", ".join(wanted),
    )


def no_credential(host: HostFacts) -> Words:
    return words(
        gettext_noop("%(host)s has neither a key nor a password to log in with. Give it a credential."),
        host=host.name,
    )


def credential_unusable(host: HostFacts, why: Explainable) -> Words:
    return words(gettext_noop("The credential of %(host)s cannot be used. %(why)s"), host=host.name, why=reason(why))


def key_unknown(host: HostFacts) -> Words:
    return words(
        gettext_noop(
            "Nobody has accepted a host key of %(host)s yet, so it is not spoken to. "
            "Compare its fingerprint and accept it first."
        ),
        host=host.name,
    )


def key_changed(host: HostFacts, shown: PinnedKey) -> Words:
    return words(
        gettext_noop(
            "%(host)s shows another host key than the accepted one: %(type)s %(fingerprint)s. Nothing was "
            "sent to it. Either it was installed anew, or somebody stands in between; find out which "
            "before you accept the key."
        ),
        host=host.name,
        type=shown.key_type,
        fingerprint=shown.fingerprint,
    )


def channel_refused(host: HostFacts, why: str | Words) -> Words:
    return words(
        gettext_noop("%(host)s lets %(user)s in but opens no session: %(why)s."),
        host=host.name,
        user=host.login.username,
        why=why,
    )


def through_jump(jump: HostFacts, why: Explainable) -> Words:
    return words(gettext_noop("The jump host %(jump)s stands in the way. %(why)s"), jump=jump.name, why=reason(why))


def jump_refused(jump: HostFacts, address: str, port: int, why: str) -> Words:
    return words(
        gettext_noop("The jump host %(jump)s cannot reach %(address)s, port %(port)s: %(why)s."),
        jump=jump.name,
        address=address,
        port=port,
        why=why,
    )


def line_cut(host: HostFacts) -> Words:
    return words(
        gettext_noop(
            "The connection to %(host)s broke while a command ran there. "
            "Whether it ended is not known yet; the host's own record tells."
        ),
        host=host.name,
    )


def went_silent(host: HostFacts, seconds: float) -> Words:
    return words(
        gettext_noop(
            "Nothing came from %(host)s for %(seconds)s seconds while a command ran there. "
            "It may still be running; the host's own record tells."
        ),
        host=host.name,
        seconds=f"{seconds:g}",
    )


def took_too_long(host: HostFacts, seconds: float) -> Words:
    return words(
        gettext_noop("A command on %(host)s did not end within %(seconds)s seconds. It may still be running there."),
        host=host.name,
        seconds=f"{seconds:g}",
    )


def too_much_output(host: HostFacts, limit: int) -> Words:
    return words(
        gettext_noop("A command on %(host)s printed more than %(limit)s bytes; the rest was not read."),
        host=host.name,
        limit=limit,
    )


def exec_refused(host: HostFacts) -> Words:
    return words(
        gettext_noop(
            "%(host)s lets %(user)s in but runs no command for that user (a ForceCommand, or a shell that "
            "says no). Nothing was started."
        ),
        host=host.name,
        user=host.login.username,
    )


def sudo_refused(host: HostFacts, why: str) -> Words:
    return words(
        gettext_noop(
            "%(user)s may log in to %(host)s but may not use sudo without a password there: %(why)s. "
            "Nothing was started. Allow it with a line in /etc/sudoers.d, or log in as root."
        ),
        host=host.name,
        user=host.login.username,
        why=why,
    )
