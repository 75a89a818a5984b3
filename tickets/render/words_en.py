"""The desk's own words in English: {kind of mail: (subject, text)}, and the phrases around every mail."""

from __future__ import annotations

from collections.abc import Mapping

from tickets.choices import MailKind

PHRASES: Mapping[str, str] = {
    "reply_line": "Please write your answer above this line",
    "said": "%(who)s wrote on %(when)s:",
    "too_large": "Too large for a mail, kept with the ticket:",
    "attached": "Attached to the ticket:",
    "resolved": "We have marked your request as resolved.",
    "reopens": "Is something still not right? Answer this mail, and the request opens again.",
    "cut": "[…]",
}
WORDS: Mapping[str, tuple[str, str]] = {
    MailKind.TICKET_AUTORESPONSE: (
        "%{ticket.subject}",
        """Dear %{recipient.name},

thank you for writing to us. Your request has arrived and has the number %{ticket.number}.

Subject: %{ticket.subject}
Department: %{ticket.dept}

We will answer as soon as we can. To add something, simply answer this mail.
%{ticket.client_link}

%{ticket.dept.signature}""",
    ),
    MailKind.TICKET_AUTOREPLY: (
        "Re: %{ticket.subject}",
        """Dear %{recipient.name},

your request has arrived and has the number %{ticket.number}. This may already help:

%{response}

If it does not, answer this mail and we will look into it.

%{signature}""",
    ),
    MailKind.MESSAGE_AUTORESPONSE: (
        "Re: %{ticket.subject}",
        """Dear %{recipient.name},

your message has been added to request %{ticket.number}. We will come back to you.

%{ticket.dept.signature}""",
    ),
    MailKind.TICKET_NOTICE: (
        "%{ticket.subject}",
        """Dear %{recipient.name},

we have opened request %{ticket.number} for you.

%{message}
%{response}

To add something, simply answer this mail.

%{signature}""",
    ),
    MailKind.TICKET_OVERLIMIT: (
        "Your request was not opened",
        """Dear %{recipient.name},

your mail has arrived, but no request was opened for it: you already have as many open requests as we can
work on at a time. Please answer one of them, or write again when one is done.

%{company.name}""",
    ),
    MailKind.TICKET_REPLY: (
        "Re: %{ticket.subject}",
        """%{response}

%{resolution}

%{signature}""",
    ),
    MailKind.ACTIVITY_NOTICE: (
        "Re: %{ticket.subject}",
        """Dear %{recipient.name},

%{poster} wrote in request %{ticket.number}, in which you are in copy:

%{message}
%{response}

To answer everybody, answer this mail.""",
    ),
    MailKind.TICKET_RESOLVED: (
        "Re: %{ticket.subject}",
        """Dear %{recipient.name},

we have marked your request %{ticket.number} as resolved.

%{comments}

Is something still not right? Answer this mail, and the request opens again.

%{ticket.dept.signature}""",
    ),
    MailKind.TICKET_FORWARD: (
        "Fwd: %{ticket.subject}",
        """%{comments}

%{poster} wrote in request %{ticket.number}:

%{message}
%{response}

%{signature}""",
    ),
    MailKind.TICKET_ALERT: (
        "New: %{ticket.subject}",
        """%{ticket.name} <%{ticket.email}> opened ticket %{ticket.number}.

Organization: %{ticket.user.organization}
Department: %{ticket.dept}
Help topic: %{ticket.topic.fullname}
Priority: %{ticket.priority}
Assigned to: %{ticket.assigned}
Due: %{ticket.due_date}
%{ticket.staff_link}

%{message}""",
    ),
    MailKind.MESSAGE_ALERT: (
        "Re: %{ticket.subject}",
        """%{poster} wrote in ticket %{ticket.number}.

Status: %{ticket.status}
Assigned to: %{ticket.assigned}
%{ticket.staff_link}

%{message}""",
    ),
    MailKind.NOTE_ALERT: (
        "Note: %{ticket.subject}",
        """%{poster} left a note in ticket %{ticket.number}.
%{ticket.staff_link}

%{note}
%{response}""",
    ),
    MailKind.ASSIGNED_ALERT: (
        "Assigned: %{ticket.subject}",
        """%{assigner} assigned ticket %{ticket.number} to %{assignee}.

From: %{ticket.name} <%{ticket.email}>
Priority: %{ticket.priority}
Due: %{ticket.due_date}
%{ticket.staff_link}

%{comments}

%{ticket.thread.lastmessage}""",
    ),
    MailKind.TRANSFER_ALERT: (
        "Transferred: %{ticket.subject}",
        """%{staff} transferred ticket %{ticket.number} to %{ticket.dept}.

From: %{ticket.name} <%{ticket.email}>
Priority: %{ticket.priority}
Assigned to: %{ticket.assigned}
%{ticket.staff_link}

%{comments}

%{ticket.thread.lastmessage}""",
    ),
    MailKind.OVERDUE_ALERT: (
        "Overdue: %{ticket.subject}",
        """Ticket %{ticket.number} was due on %{ticket.due_date}.

From: %{ticket.name} <%{ticket.email}>
Priority: %{ticket.priority}
Assigned to: %{ticket.assigned}
%{ticket.staff_link}""",
    ),
    MailKind.TASK_ALERT: (
        "New task: %{task.title}",
        """%{staff} made task %{task.number} on ticket %{ticket.number}: %{task.title}

Done by: %{task.assigned}
Due: %{task.due_date}
%{ticket.staff_link}

%{task.text}""",
    ),
    MailKind.TASK_ACTIVITY_NOTICE: (
        "Re: %{ticket.subject}",
        """Dear %{recipient.name},

work on your request %{ticket.number} goes on: %{task.title}

%{activity}
%{comments}""",
    ),
    MailKind.TASK_ACTIVITY_ALERT: (
        "Task: %{task.title}",
        """Task %{task.number} on ticket %{ticket.number}: %{task.title}

%{activity}
By: %{staff}
%{ticket.staff_link}

%{comments}""",
    ),
    MailKind.TASK_ASSIGNED_ALERT: (
        "Task assigned: %{task.title}",
        """%{assigner} assigned task %{task.number} on ticket %{ticket.number} to %{assignee}: %{task.title}

Due: %{task.due_date}
%{ticket.staff_link}

%{comments}

%{task.text}""",
    ),
    MailKind.TASK_TRANSFER_ALERT: (
        "Task transferred: %{task.title}",
        """%{staff} transferred task %{task.number} on ticket %{ticket.number} to %{task.dept}: %{task.title}

Done by: %{task.assigned}
%{ticket.staff_link}

%{comments}""",
    ),
    MailKind.TASK_OVERDUE_ALERT: (
        "Task overdue: %{task.title}",
        """Task %{task.number} on ticket %{ticket.number} was due on %{task.due_date}: %{task.title}

Done by: %{task.assigned}
%{ticket.staff_link}""",
    ),
    MailKind.MAILBOX_ALERT: (
        "Mail from %{mailbox.address} cannot be fetched",
        """The mailbox %{mailbox.address} could not be fetched from twice in a row.

%{mailbox.why}

Mail stays on its server meanwhile; nothing is lost. The panel keeps trying. The mailbox's page in the panel tells
more and has a button to test the connection.
%{url}""",
    ),
}
