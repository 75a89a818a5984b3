"""Fetch a mailbox: every mail onto disk and into a row first, and only then away from its server."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Iterable, Iterator

from hosts.errors import Explainable
from hosts.facts.words import Words, gettext_noop, reason, words
from hosts.tasks.naming import named_task
from tickets.choices import AfterFetch, MailProtocol
from tickets.errors import MailGone, MailServerLost
from tickets.facts.mailbox import MailServer, RemoteMail, Step
from tickets.models import Mailbox
from tickets.outside import oauth
from tickets.outside.mail_server import RemoteBox, opened, try_out
from tickets.services import keep, mailboxes
from tickets.tasks.intake import take_in_waiting
from tickets.tasks.post import try_sending

log = logging.getLogger(__name__)

BATCH = 50
MOST_AT_ONCE = 1000
MOST_SESSIONS = 5
ALIVE_SECONDS = 15.0
IDLE_SECONDS = 50.0
IDLE_SLICE_SECONDS = 10.0


class TakenOver(Exception):  # noqa: N818  (it is not an error of this worker)
    """Another worker fetches from the mailbox now; this one stops without recording anything."""


class Fetcher:
    """The sessions of one turn at a mailbox, and what became certain in them."""

    def __init__(self, mailbox: Mailbox, claim: uuid.UUID) -> None:
        self.mailbox, self.claim = mailbox, claim
        self.server = logged_in_facts(mailbox)
        stays = self.server.protocol == MailProtocol.POP3 and self.server.after_fetch != AfterFetch.DELETE
        self._leaves = stays or self.server.after_fetch == AfterFetch.MARK
        self._left_out: dict[str, Words] = {}
        self._fetching = ""
        self._fetches_several = self._one_by_one = False
        self._unsettled: list[str] = []
        self._touched_at = time.monotonic()
        self._waiting = 0

    def fetch(self) -> bool:
        """Fetch what is there; whether there is more. A mail over which the session breaks is left for the next turn,
        and the others are fetched in another session.
        """
        for _ in range(MOST_SESSIONS):
            self._fetching = ""
            try:
                has_more = self._session()
                break
            except MailServerLost as error:
                if self._fetches_several:
                    self._fetches_several, self._one_by_one = False, True
                elif self._fetching:
                    self._left_out[self._fetching] = reason(error)
                else:
                    raise
        else:
            has_more = False
        self._wake()
        if self._left_out:
            raise MailServerLost(
                words(
                    gettext_noop("%(count)s mails could not be fetched and are still on the server: %(why)s"),
                    count=len(self._left_out),
                    why=next(iter(self._left_out.values())),
                )
            )
        return has_more

    def _session(self) -> bool:
        self._unsettled.clear()  # a session that broke may have put nothing away
        with opened(self.server) as box:
            has_more = self._look(box)
            until = time.monotonic() + IDLE_SECONDS
            while not has_more and self.mailbox.uses_idle and box.can_wait and time.monotonic() < until:
                self._touch()
                if box.wait(min(IDLE_SLICE_SECONDS, max(until - time.monotonic(), 0.1))):
                    has_more = self._look(box)
        self._settled()
        return has_more

    def _look(self, box: RemoteBox) -> bool:
        mails = box.mails_after(self.mailbox.uid_validity, self.mailbox.last_uid)
        self._put_away(box, keep.still_on_server(self.mailbox))
        ids = [mail.remote_id for mail in mails]
        known = keep.kept_ids(self.mailbox, ids, leaves=self._leaves)
        some, complete = mails[:MOST_AT_ONCE], True
        for start in range(0, len(some), BATCH):
            batch = some[start : start + BATCH]
            small = self._small_kept(box, [mail for mail in batch if mail.remote_id not in known])
            known |= small
            here = [mail for mail in batch if mail.remote_id in known or self._kept(box, mail)]
            old = known - small if self._leaves else set[str]()
            self._put_away(box, [mail.remote_id for mail in here if mail.remote_id not in old])
            complete = complete and not any(mail.remote_id in self._left_out for mail in batch)
            self._touch(box.uid_validity, batch[-1].number if complete else 0)
            self._wake()
        return len(mails) > len(some)

    def _small_kept(self, box: RemoteBox, mails: list[RemoteMail]) -> set[str]:
        """The ids of the small mails, which are fetched and kept together. Where the session breaks over them, all are
        fetched one by one in the next, for it may be one of them that breaks it.
        """
        if self._one_by_one:
            return set()
        self._fetches_several = True
        found = box.small_ones([mail for mail in mails if mail.remote_id not in self._left_out])
        self._fetches_several = False
        small = {mail.remote_id: found[mail.remote_id] for mail in mails if mail.remote_id in found}
        keep.keep_mails(self.mailbox, small)
        self._waiting += len(small)
        return set(small)

    def _kept(self, box: RemoteBox, mail: RemoteMail) -> bool:
        """Whether the mail is here now and may be put away there."""
        if mail.remote_id in self._left_out:
            return False
        self._fetching = mail.remote_id
        try:
            keep.keep_mail(self.mailbox, mail.remote_id, self._alive(box.pieces(mail)))
        except MailGone:
            self._fetching = ""
            return False
        self._fetching = ""
        self._waiting += 1
        return True

    def _put_away(self, box: RemoteBox, remote_ids: list[str]) -> None:
        if not remote_ids:
            return
        box.put_away(remote_ids)
        self._unsettled += remote_ids
        if not box.settles_at_close:
            self._settled()

    def _settled(self) -> None:
        keep.note_off_server(self.mailbox, self._unsettled)
        self._unsettled.clear()

    def _alive(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            if time.monotonic() - self._touched_at > ALIVE_SECONDS:
                self._touch()
            yield piece

    def _touch(self, uid_validity: int = 0, last_uid: int = 0) -> None:
        self._touched_at = time.monotonic()
        if not mailboxes.touch_mailbox(self.mailbox, claim=self.claim, uid_validity=uid_validity, last_uid=last_uid):
            raise TakenOver
        if last_uid:
            self.mailbox.uid_validity, self.mailbox.last_uid = uid_validity, last_uid

    def _wake(self) -> None:
        if self._waiting:
            self._waiting = 0
            take_in_waiting.delay()


def logged_in_facts(mailbox: Mailbox) -> MailServer:
    """The facts of a mailbox, with a fresh access token where its login is OAuth2."""
    server = mailbox.facts()
    if server.grant is None:
        return server
    token = oauth.access_token(server.grant, ca_certificate=server.ca_certificate)
    if token.refresh_token:
        mailboxes.keep_refresh_token(mailbox, token.refresh_token)
    return mailbox.facts(access_token=token.token)


@named_task("tickets.fetch_mailbox")
def fetch_mailbox(mailbox_id: int) -> None:
    """Fetch what is in a mailbox, unless another worker does, and write down how it went."""
    claim = uuid.uuid4()
    mailbox = mailboxes.claim_mailbox(mailbox_id, claim=claim)
    if mailbox is None:
        return
    try:
        has_more = Fetcher(mailbox, claim).fetch()
    except TakenOver:
        log.info("mailbox %s is fetched from by another worker", mailbox_id)
        return
    except Explainable as error:
        mailboxes.record_failed_poll(mailbox, claim=claim, why=reason(error))
        return
    mailboxes.record_poll(mailbox, claim=claim, has_more=has_more or mailbox.uses_idle)


@named_task("tickets.test_mailbox")
def test_mailbox(mailbox_id: int) -> None:
    """Try a mailbox out and write down step by step what was found. Twice does no harm, so nothing is claimed."""
    mailbox = Mailbox.objects.filter(pk=mailbox_id).first()
    if mailbox is not None:
        mailboxes.record_test(mailbox, [*_try_fetching(mailbox), *try_sending(mailbox)])


def _try_fetching(mailbox: Mailbox) -> list[Step]:
    if mailbox.protocol == MailProtocol.NONE:
        return []
    try:
        server = logged_in_facts(mailbox)
    except Explainable as error:
        return [Step(words(gettext_noop("Get an access token")), ok=False, why=reason(error))]
    return try_out(server)
