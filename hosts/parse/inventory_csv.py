"""A table of hosts (CSV as Excel, LibreOffice and people write it) to an inventory."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

from hosts.errors import BadInput
from hosts.facts.inventory import Inventory
from hosts.facts.words import gettext_noop, reason, words
from hosts.parse.inventory import Draft, Taker, host_and_port, text_and_encoding

HEADINGS = {
    "name": "name host hostname hostnames server servername machine fqdn node 이름 호스트 호스트명 호스트이름 서버"
    " 서버명 서버이름 장비 장비명",
    "address": "address addr ip ipaddress ipaddr ipv4 ipv6 ansiblehost dns dnsname 주소 ip주소 아이피 아이피주소"
    " 접속주소",
    "port": "port sshport 포트 ssh포트 포트번호",
    "username": "user username login sshuser account ansibleuser 사용자 사용자명 사용자이름 계정 계정명 아이디"
    " 접속계정",
    "sudo": "sudo usesudo become 수도 sudo사용 권한상승",
    "roles": "role roles type function 역할 용도 종류",
    "tags": "tag tags group groups label labels 태그 그룹 분류 라벨",
    "jump": "jump jumphost proxyjump bastion via 점프 점프호스트 경유 경유호스트 경유서버 배스천",
    "notes": "note notes comment comments description remark remarks memo 비고 메모 설명 참고",
    "site": "site location datacenter dc rack 사이트 위치 센터 데이터센터 idc 설치위치",
    "organization": "organization organisation customer company client owner tenant 조직 고객 고객사 회사 업체",
}
_COLUMN = {word: column for column, all_words in HEADINGS.items() for word in all_words.split()}
_SIGNS = re.compile(r"[\s_\-./()\"'*:]+")
_WITHOUT_HEADINGS = ("name", "address", "port", "username")
_LISTS = re.compile(r"[,;|/]+|\s{2,}|\n")

Row = tuple[int, list[str]]


def inventory_csv(data: bytes) -> Inventory:
    """Hosts of a table with headings in English or Korean, any of them in any order; `name` or `address` is needed.

    Delimiter comma, semicolon, tab or bar (or what Excel's `sep=` line says); encoding as text_and_encoding.
    Raises BadInput where it is no table of hosts.
    """
    text, encoding = text_and_encoding(data)
    taker = Taker("csv", encoding)
    if encoding not in {"utf-8", "utf-8-sig"}:
        taker.say(0, words(gettext_noop("The file was read as %(encoding)s."), encoding=encoding))
    rows = list(_rows(text))
    if not rows:
        raise BadInput(
            words(
                gettext_noop(
                    "The file holds no rows. Its first line should name the columns, such as name,address,port."
                )
            )
        )
    columns, rows = _columns(rows, taker)
    for line, cells in rows:
        draft = _draft(line, cells, columns, taker)
        if draft:
            taker.take(draft)
    return taker.inventory()


def _rows(text: str) -> Iterator[Row]:
    lines = text.split("\n")
    skipped = 0
    delimiter = ""
    if re.fullmatch(r"sep=.?", lines[0].strip('\ufeff" '), re.IGNORECASE):
        delimiter = lines[0].strip('\ufeff" ')[4:] or "\t"
        lines, skipped = lines[1:], 1
    while lines and (not lines[0].strip(" ,;\t") or lines[0].lstrip().startswith("#")):
        lines, skipped = lines[1:], skipped + 1
    if not lines:
        return
    reader = csv.reader(
        (line + "\n" for line in lines), delimiter=delimiter or _delimiter(lines[0]), skipinitialspace=True
    )
    before = 0
    try:
        for cells in reader:
            line, before = skipped + before + 1, reader.line_num
            if any(cell.strip() for cell in cells) and not cells[0].lstrip().startswith("#"):
                yield line, [_clean(cell) for cell in cells]
    except csv.Error as error:
        raise BadInput(
            words(
                gettext_noop("Line %(line)s: this is no readable table (%(why)s). Nothing was imported."),
                line=skipped + reader.line_num,
                why=reason(error),
            )
        ) from error


def _delimiter(heading: str) -> str:
    """The one that makes most headings known; without headings the one that is there most."""

    def known(sign: str) -> tuple[int, int]:
        return sum(_column(word) is not None for word in heading.split(sign)), heading.count(sign)

    return max(",;\t|", key=known)


def _clean(cell: str) -> str:
    """A cell without Excel's ways of forcing text: '22, ="22", blanks that do not break."""
    cell = cell.replace("\u00a0", " ").replace("\u200b", "").replace("\ufeff", "").strip()
    if match := re.fullmatch(r'="(.*)"', cell, re.DOTALL):
        cell = match[1]
    return cell.removeprefix("'").strip()


def _column(heading: str) -> str | None:
    return _COLUMN.get(_SIGNS.sub("", heading.replace("\ufeff", "").lower()))


def _columns(rows: list[Row], taker: Taker) -> tuple[list[str | None], list[Row]]:
    """Which cell is what, and the rows below the headings."""
    line, first = rows[0]
    columns = [_column(cell) for cell in first]
    if "name" not in columns and "address" not in columns:
        if len(first) > 1 and _looks_like_a_host(first):
            what = gettext_noop("There are no headings; the columns were read as name, address, port, user.")
            taker.say(line, words(what))
            return [*_WITHOUT_HEADINGS], rows
        raise BadInput(
            words(
                gettext_noop(
                    "Line %(line)s: no column is called name or address, so no host can be told. Nothing was "
                    "imported. A first line such as name,address,port,user,roles is understood."
                ),
                line=line,
            )
        )
    for at, column in enumerate(columns):
        if column is None and first[at]:
            what = gettext_noop("The column “%(column)s” is not known; it went into the notes.")
            taker.say(line, words(what, column=first[at][:100]))
        elif column is not None and column in columns[:at]:
            what = gettext_noop("The column “%(column)s” is there twice; the second went into the notes.")
            taker.say(line, words(what, column=first[at][:100]))
            columns[at] = None
    # An unknown column keeps its heading, so that its cells can go into the notes under it.
    return [column or f"?{first[at]}" for at, column in enumerate(columns)], rows[1:]


def _looks_like_a_host(cells: list[str]) -> bool:
    return bool(re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,3}){3}|.*:.*:.*", host_and_port(cells[1])[0]))


def _draft(line: int, cells: list[str], columns: list[str | None], taker: Taker) -> Draft | None:
    values: dict[str, str] = {}
    notes: list[str] = []
    for at, cell in enumerate(cells):
        column = columns[at] if at < len(columns) else None
        if column is None and cell:
            taker.say(line, words(gettext_noop("There are more cells than columns; the rest went into the notes.")))
            notes.append(cell)
        elif column and column.startswith("?") and cell:
            notes.append(f"{column[1:]}: {cell}" if column[1:] else cell)
        elif column:
            values[column] = cell
    name = values.get("name") or host_and_port(values.get("address", ""))[0]
    if not name:
        taker.say(line, words(gettext_noop("This row has neither a name nor an address.")), lost=True)
        return None
    return Draft(
        name=name,
        address=values.get("address", ""),
        port=re.sub(r"[.,]0+$", "", values.get("port", "")),
        username=values.get("username", ""),
        sudo=values.get("sudo", ""),
        roles=_list(values.get("roles", "")),
        tags=_list(values.get("tags", "")),
        jump=values.get("jump", ""),
        notes=[note for note in (values.get("notes", ""), *notes) if note],
        site=values.get("site", ""),
        organization=values.get("organization", ""),
        line=line,
    )


def _list(cell: str) -> list[str]:
    return [word.strip() for word in _LISTS.split(cell) if word.strip()]
