"""A call in, its headers with the signature out."""

from __future__ import annotations

import hashlib
import hmac

from tickets.facts.webhook import Call


def headers(call: Call, timestamp: int) -> dict[str, str]:
    """`X-Rackdesk-Signature: t=SECONDS,v1=HEX`: HMAC-SHA256 with the secret over `SECONDS.BODY`.

    The time stands in what is signed, so that a receiver can refuse old calls that somebody sends again.
    """
    signed = hmac.new(call.secret, f"{timestamp}.".encode() + call.body, hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/json",
        "User-Agent": "Rackdesk",
        "X-Rackdesk-Event": call.event,
        "X-Rackdesk-Delivery": str(call.delivery),
        "X-Rackdesk-Signature": f"t={timestamp},v1={signed}",
    }
