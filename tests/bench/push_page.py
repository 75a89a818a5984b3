"""The figures of the push go in, the lines of its page and whether the bars hold come out."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from tests.bench.figures import Way, machine, table

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
BEGIN, END = "<!-- push: made by `python -m tests.bench.push --write` -->", "<!-- end of push -->"
FASTER_THAN_ANSIBLE = 10.0
SLOWER_THAN_OPENSSH = 1.5
ONE_OF_EACH = {"connects": 1, "auths": 1, "execs": 1}


def told(ways: Sequence[Way], trips: Sequence[dict[str, int]], hosts: int) -> tuple[list[str], bool]:
    """`ways` in this order: ours, ours warm, OpenSSH on curve25519, OpenSSH, Ansible cold, Ansible warm."""
    ours, warm, curve, plain, cold_ansible, warm_ansible = ways
    faster, faster_warm = cold_ansible.typical / ours.typical, warm_ansible.typical / warm.typical
    beside_plain, beside_curve = ours.typical / plain.typical, ours.typical / curve.typical
    one_each = all(counted == ONE_OF_EACH for counted in trips)
    verdicts = [
        (faster >= FASTER_THAN_ANSIBLE, f"{faster:.1f} times faster than ansible-playbook, both with new connections"),
        (faster_warm >= FASTER_THAN_ANSIBLE, f"{faster_warm:.1f} times faster, both with kept connections"),
        (beside_plain <= SLOWER_THAN_OPENSSH, f"{beside_plain:.2f} times the time of {hosts} parallel OpenSSH clients"),
        (
            beside_curve <= SLOWER_THAN_OPENSSH,
            f"{beside_curve:.2f} times the time of the same clients told to use curve25519",
        ),
        (one_each, f"one connect, one login and one exec for each of {len(trips)} changes, by count"),
    ]
    lines = [
        f"{hosts} hosts; {machine()}. Hosts, panel and peers share these cores.",
        "",
        *table(ways, ours),
        "",
        *(f"* {'holds' if holds else '**missed**'}: {words}" for holds, words in verdicts),
    ]
    return lines, all(holds for holds, _ in verdicts)


def write(lines: Sequence[str]) -> None:
    """Put the lines into the page, between its two marks."""
    page = PAGE.read_text()
    head, _, rest = page.partition(BEGIN)
    _, _, tail = rest.partition(END)
    if not tail:
        sys.exit(f"{PAGE} has lost its marks {BEGIN} and {END}.")
    PAGE.write_text(f"{head}{BEGIN}\n\n" + "\n".join(lines) + f"\n\n{END}{tail}")
