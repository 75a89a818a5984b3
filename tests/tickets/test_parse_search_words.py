"""What texts are found by, and what a search asks for."""

from __future__ import annotations

import unicodedata

import pytest

from tickets.parse.search_words import LONGEST_WORD_BYTES, MOST_WORDS, Term, terms_of, words_of


def finds(asked: str, text: str) -> bool:
    """What both databases do with the two."""
    kept = words_of(text)
    return all(
        any(word.startswith(term.word) for word in kept) if term.is_beginning else term.word in kept
        for term in terms_of(asked)
    )


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        pytest.param("점검", "서버점검을 부탁드립니다", id="two syllables in the middle"),
        pytest.param("서버", "서버점검을", id="two syllables at the beginning"),
        pytest.param("검을", "서버점검을", id="two syllables at the end"),
        pytest.param("점", "서버점검을", id="one syllable"),
        pytest.param("을", "서버점검을", id="the last syllable"),
        pytest.param("서버점검", "내일 서버점검을 합니다", id="four syllables"),
        pytest.param("서버", unicodedata.normalize("NFD", "서버 점검"), id="Hangul in pieces"),
        pytest.param("netw", "The NETWORK is down", id="how a word begins"),
        pytest.param("IP", "my ip is 10.0.0.1", id="two letters"),
        pytest.param("00123", "node00123 is down", id="digits after letters"),
        pytest.param("node00123", "node00123 is down", id="letters and digits"),
        pytest.param("node.example.net", "on node.example.net now", id="a host"),
        pytest.param("10.0.0.1", "my ip is 10.0.0.1", id="an address"),
        pytest.param("dhcpd서버", "dhcpd서버가 멈췄어요", id="Latin and Korean together"),
        pytest.param("Ａ１００", "a100", id="full width"),
        pytest.param("STRASSE", "Straße", id="case that changes the length"),
    ],
)
def test_a_text_is_found_by(asked: str, text: str) -> None:
    assert terms_of(asked)
    assert finds(asked, text)


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        pytest.param("검점", "서버점검을", id="syllables in another order"),
        pytest.param("ne", "network", id="two letters are a word of their own"),
        pytest.param("work", "network", id="the end of a Latin word"),
        pytest.param("서버 점심", "서버점검을", id="one of two words"),
    ],
)
def test_a_text_is_not_found_by(asked: str, text: str) -> None:
    assert not finds(asked, text)


@pytest.mark.parametrize("asked", ["", "  ", "!?", "_", "'", "\x00"])
def test_signs_alone_ask_for_nothing(asked: str) -> None:
    assert terms_of(asked) == ()


def test_words_and_texts_have_an_end() -> None:
    assert len(words_of(" ".join(f"word{number}" for number in range(50_000)))) == MOST_WORDS
    assert max(len(word.encode()) for word in words_of("x" * 5_000, "\U00010400" * 500)) <= LONGEST_WORD_BYTES
    assert terms_of("x" * 5_000) == (Term("x" * LONGEST_WORD_BYTES, is_beginning=True),)
