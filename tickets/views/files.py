"""An attachment's key in, its bytes out: always as a download of no type, except for real pictures inside a mail."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hosts.views.shell import person
from tickets.models import Attachment, StoredFile, Ticket
from tickets.views.desk import desk

NO_TYPE = "application/octet-stream"
SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)


@require_safe
@desk
def attachment(request: HttpRequest, pk: int) -> FileResponse:
    """A file as a download. What its sender says it is decides nothing."""
    found = _visible(request, pk)
    return download(found.file, found.name)


@require_safe
@desk
def picture(request: HttpRequest, pk: int) -> FileResponse:
    """A picture that stands inside a mail, by what its first bytes say it is; anything else is not shown."""
    found = _visible(request, pk)
    kind = _picture_type(found.file)
    if not kind:
        raise Http404
    answer = download(found.file, found.name)
    answer["Content-Type"] = kind
    answer["Content-Disposition"] = "inline"
    return answer


def download(file: StoredFile, name: str) -> FileResponse:
    """Bytes that a browser saves and neither guesses about nor runs."""
    try:
        stream = file.open()
    except OSError as error:
        raise Http404(_("The bytes of this file are not on this machine any more.")) from error
    answer = FileResponse(stream, as_attachment=True, filename=name or "file", content_type=NO_TYPE)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cache-Control"] = "private, max-age=3600"
    return answer


def _visible(request: HttpRequest, pk: int) -> Attachment:
    tickets = Ticket.objects.within_reach_of(person(request))
    return get_object_or_404(Attachment.objects.select_related("file").filter(entry__ticket__in=tickets), pk=pk)


def _picture_type(file: StoredFile) -> str:
    try:
        with file.open() as stream:
            head = stream.read(12)
    except OSError:
        return ""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for signature, kind in SIGNATURES if head.startswith(signature)), "")
