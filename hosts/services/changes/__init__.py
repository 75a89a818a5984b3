"""A change from the plan to the outcome, one file for each part of the way."""

from hosts.services.changes.claim import claim_change, find_again, let_go_changes, postpone_change, touch_changes
from hosts.services.changes.compare import note_compare_failed, record_comparison
from hosts.services.changes.decide import (
    approve_change,
    discard_change,
    queue_change,
    queue_changes,
    refuse_change,
    take_back_change,
)
from hosts.services.changes.outcome import note_lost, record_outcome, record_progress
from hosts.services.changes.plan import plan_again, plan_change, plan_put_back, title_of

__all__ = [
    "approve_change",
    "claim_change",
    "discard_change",
    "find_again",
    "let_go_changes",
    "note_compare_failed",
    "note_lost",
    "plan_again",
    "plan_change",
    "plan_put_back",
    "postpone_change",
    "queue_change",
    "queue_changes",
    "record_comparison",
    "record_outcome",
    "record_progress",
    "refuse_change",
    "take_back_change",
    "title_of",
    "touch_changes",
]
