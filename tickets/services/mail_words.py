"""Which words a kind of mail has: a template set's own where there are some, else the built-in ones."""

from __future__ import annotations

from collections.abc import Mapping

from tickets.models import MailTemplate, TemplateSet
from tickets.render import words_en, words_ko
from tickets.render.letters import Wording

BUILT_IN = {"en": words_en, "ko": words_ko}
FIRST_LANGUAGE = "en"


def wordings(kind: str, languages: frozenset[str], templates: TemplateSet | None) -> Mapping[str, Wording]:
    """{language: words} for `languages`; a language that the desk has no words in gets the English ones."""
    own: dict[str, MailTemplate] = {}
    if templates is not None:
        rows = MailTemplate.objects.filter(templates=templates, kind=kind, language__in=languages)
        own = {row.language: row for row in rows}
    found = {}
    for language in languages:
        words = built_in(kind, language)
        if language in own:
            words = Wording(own[language].subject, own[language].body, words.phrases, words.language)
        found[language] = words
    return found


def built_in(kind: str, language: str) -> Wording:
    """The desk's own words."""
    known = language if language in BUILT_IN else FIRST_LANGUAGE
    subject, body = BUILT_IN[known].WORDS[kind]
    return Wording(subject, body, BUILT_IN[known].PHRASES, known)
