"""Every page of the desk under /panel/desk/."""

from __future__ import annotations

from django.urls import URLPattern, path

from tickets.views import canned, files, mail, me, new, queue, queue_do, ticket, verbs, writing

app_name = "tickets"
urlpatterns: list[URLPattern] = [
    path("", queue.listed, name="queue"),
    path("news/", queue.news, name="queue-news"),
    path("tickets.csv", queue_do.exported, name="queue-export"),
    path("selected/", queue_do.selected, name="selected"),
    path("queues/", me.save_queue, name="queue-save"),
    path("queues/<int:pk>/delete/", me.delete_queue, name="queue-delete"),
    path("new/", new.new, name="new"),
    path("contacts/", new.contacts, name="contacts"),
    path("me/", me.preferences, name="me"),
    path("files/<int:pk>/", files.attachment, name="attachment"),
    path("pictures/<int:pk>/", files.picture, name="picture"),
    path("mail/", mail.boxes, name="boxes"),
    path("mail/<int:pk>/test/", mail.test, name="box-test"),
    path("mail/quarantine/", mail.quarantine, name="quarantine"),
    path("mail/quarantine/<int:pk>/", mail.mail, name="mail"),
    path("mail/quarantine/<int:pk>/raw/", mail.raw, name="mail-raw"),
    path("mail/quarantine/<int:pk>/again/", mail.again, name="mail-again"),
    path("mail/outbox/", mail.sent, name="outbox"),
    path("mail/outbox/again/", mail.send_again, name="send-again"),
    path("tickets/<str:number>/", ticket.ticket, name="ticket"),
    path("tickets/<str:number>/preview/", ticket.preview, name="preview"),
    path("tickets/<str:number>/live/", ticket.live, name="live"),
    path("tickets/<str:number>/draft/", ticket.draft, name="draft"),
    path("tickets/<str:number>/write/", writing.write, name="write"),
    path("tickets/<str:number>/canned/", canned.listed, name="canned"),
    path("tickets/<str:number>/canned/<int:pk>/", canned.filled, name="canned-text"),
    path("tickets/<str:number>/do/<slug:verb>/", verbs.do, name="do"),
    path("tickets/<str:number>/entries/<int:pk>/", ticket.entry, name="entry"),
    path("tickets/<str:number>/entries/<int:pk>/edit/", writing.edit_entry, name="edit-entry"),
    path("tickets/<str:number>/entries/<int:pk>/versions/", ticket.versions, name="versions"),
]
