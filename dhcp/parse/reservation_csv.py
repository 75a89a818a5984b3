"""A table of reservations (CSV as spreadsheets and people write it, RFC 4180) in, its lines out."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from itertools import islice

from dhcp.facts.reservation_list import Line, Table
from hosts.errors import BadInput
from hosts.facts.words import Words, gettext_noop, reason, words
from hosts.parse.inventory import text_and_encoding, truth

MOST_LINES = 5000
MOST_BYTES = 10 << 20
HEADINGS = {
    "server": "server dhcpserver 서버 dhcp서버",
    "name": "name entry reservation 이름 예약 예약이름 항목",
    "mac": "mac macaddress hwaddress hardware hardwareethernet ethernet 맥 mac주소 맥주소 하드웨어주소",
    "client_id": "clientid clientidentifier uid duid 클라이언트id 클라이언트식별자",
    "addresses": "address addresses ip ipaddress ips fixedaddress 주소 ip주소 고정주소 아이피",
    "hostname": "hostname optionhostname host fqdn 호스트 호스트이름 호스트명",
    "organization": "organization organisation customer company owner 조직 고객 고객사 회사",
    "is_enabled": "enabled isenabled active on 사용 사용함 활성",
    "note": "note notes comment comments description 비고 메모 설명",
}
_COLUMN = {word: column for column, all_words in HEADINGS.items() for word in all_words.split()}
_SIGNS = re.compile(r"[\s_\-./()\"'*:]+")
_WITHOUT_HEADINGS = ("name", "mac", "addresses", "hostname")
_BETWEEN = re.compile(r"[\s,;|]+")
NO_ROWS = gettext_noop("The file holds no rows. Its first line should name the columns, such as name,mac,address.")
NO_TABLE = gettext_noop("Line %(line)s: this is no readable table (%(why)s). Nothing was imported.")
TOO_LARGE = gettext_noop("The table is larger than %(most)s MB. Split it; nothing was imported.")
TOO_MANY = gettext_noop("The file has more than %(most)s lines. Split it; nothing was imported.")
NO_NAME = gettext_noop("The line has no name.")
YES_OR_NO = gettext_noop("“%(text)s” is neither yes nor no.")
NO_COLUMNS = gettext_noop("No column is called name or mac, so nobody can say what the lines are.")


def reservation_csv(data: bytes) -> Table:
    """Columns in any order, with headings in English or Korean; without headings name, MAC, address, host name.

    The delimiter is a comma, semicolon, tab or bar; a BOM and the encodings of Korean spreadsheets are understood.
    BadInput where it is no table.
    """
    if len(data) > MOST_BYTES:
        raise BadInput(words(TOO_LARGE, most=MOST_BYTES >> 20))
    text, encoding = text_and_encoding(data)
    rows = list(islice(_rows(text.removeprefix("\ufeff")), MOST_LINES + 2))  # its heading, and one too many
    if not rows:
        raise BadInput(words(NO_ROWS))
    columns, unknown, rows = _columns(rows)
    if len(rows) > MOST_LINES:
        raise BadInput(words(TOO_MANY, most=MOST_LINES))
    if not rows:
        raise BadInput(words(NO_ROWS))
    return Table(tuple(_line(number, dict(_named(columns, cells))) for number, cells in rows), encoding, unknown)


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    first = next((line for line in io.StringIO(text) if line.strip()), "")
    delimiter = max(",;\t|", key=lambda sign: (_known(first.split(sign)), first.count(sign)))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    before = 0
    try:
        for cells in reader:
            number, before = before + 1, reader.line_num
            if any(cell.strip() for cell in cells) and not cells[0].lstrip().startswith("#"):
                yield number, [_clean(cell) for cell in cells]
    except csv.Error as error:
        raise BadInput(words(NO_TABLE, line=reader.line_num, why=reason(error))) from error


def _clean(cell: str) -> str:
    """A cell without a spreadsheet's ways of forcing text: a quote before it, ="…"."""
    text = cell.replace("\u00a0", " ").strip()
    if match := re.fullmatch(r'="(.*)"', text, re.DOTALL):
        text = match[1]
    return text.removeprefix("'").strip()


def _heading(cell: str) -> str | None:
    return _COLUMN.get(_SIGNS.sub("", cell.lower()))


def _known(cells: list[str]) -> int:
    return sum(_heading(cell) is not None for cell in cells)


def _columns(
    rows: list[tuple[int, list[str]]],
) -> tuple[list[str | None], tuple[str, ...], list[tuple[int, list[str]]]]:
    first = rows[0][1]
    found = [_heading(cell) for cell in first]
    if not any(found):
        return list(_WITHOUT_HEADINGS), (), rows
    if "name" not in found and "mac" not in found:
        raise BadInput(words(NO_COLUMNS))
    unknown = tuple(cell for cell, column in zip(first, found, strict=True) if column is None and cell)
    return found, unknown, rows[1:]


def _named(columns: list[str | None], cells: list[str]) -> Iterator[tuple[str, str]]:
    for at, column in enumerate(columns):
        if column is not None:
            yield column, cells[at] if at < len(cells) else ""


def _line(number: int, said: Mapping[str, str]) -> Line:
    name = said.get("name") or said.get("hostname") or ""
    enabled, wrong = _flag(said.get("is_enabled"))
    if not name:
        wrong = words(NO_NAME)
    addresses = said.get("addresses")
    return Line(
        number,
        name,
        said.get("mac", ""),
        said.get("client_id"),
        None if addresses is None else tuple(part for part in _BETWEEN.split(addresses) if part),
        said.get("hostname"),
        said.get("organization"),
        enabled,
        said.get("note"),
        said.get("server", ""),
        wrong,
    )


def _flag(text: str | None) -> tuple[bool | None, Words | None]:
    if not text:
        return None, None
    found = truth(text)
    return found, words(YES_OR_NO, text=text[:40]) if found is None else None
