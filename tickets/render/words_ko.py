"""The desk's own words in Korean: {kind of mail: (subject, text)}, and the phrases around every mail."""

from __future__ import annotations

from collections.abc import Mapping

from tickets.choices import MailKind

PHRASES: Mapping[str, str] = {
    "reply_line": "이 줄 위에 답장을 작성해 주세요",
    "said": "%(when)s, %(who)s 님이 작성:",
    "too_large": "용량이 커서 메일에 첨부하지 못했으며 문의에 보관되어 있습니다:",
    "attached": "문의에 첨부된 파일:",
    "resolved": "문의의 처리가 완료되었습니다.",
    "reopens": "아직 해결되지 않은 점이 있으면 이 메일에 회신해 주세요. 문의가 다시 열립니다.",
    "cut": "[이하 생략]",
}
WORDS: Mapping[str, tuple[str, str]] = {
    MailKind.TICKET_AUTORESPONSE: (
        "%{ticket.subject}",
        """%{recipient.name} 님, 안녕하세요.

문의해 주셔서 감사합니다. 문의가 접수되었으며 접수 번호는 %{ticket.number}입니다.

제목: %{ticket.subject}
담당 부서: %{ticket.dept}

내용을 확인한 뒤 최대한 빨리 답변드리겠습니다. 추가로 전달하실 내용이 있으면 이 메일에 회신해 주세요.
%{ticket.client_link}

감사합니다.

%{ticket.dept.signature}""",
    ),
    MailKind.TICKET_AUTOREPLY: (
        "Re: %{ticket.subject}",
        """%{recipient.name} 님, 안녕하세요.

문의가 접수되었으며 접수 번호는 %{ticket.number}입니다. 먼저 아래 내용을 확인해 보시기 바랍니다.

%{response}

그래도 해결되지 않으면 이 메일에 회신해 주세요. 담당자가 확인하겠습니다.

%{signature}""",
    ),
    MailKind.MESSAGE_AUTORESPONSE: (
        "Re: %{ticket.subject}",
        """%{recipient.name} 님, 안녕하세요.

보내 주신 내용이 문의 %{ticket.number}번에 등록되었습니다. 확인 후 답변드리겠습니다.

%{ticket.dept.signature}""",
    ),
    MailKind.TICKET_NOTICE: (
        "%{ticket.subject}",
        """%{recipient.name} 님, 안녕하세요.

고객님을 대신하여 문의 %{ticket.number}번을 등록해 드렸습니다.

%{message}
%{response}

추가로 전달하실 내용이 있으면 이 메일에 회신해 주세요.

%{signature}""",
    ),
    MailKind.TICKET_OVERLIMIT: (
        "문의가 접수되지 않았습니다",
        """%{recipient.name} 님, 안녕하세요.

보내 주신 메일은 도착했으나, 현재 처리 중인 문의가 한 번에 접수할 수 있는 건수에 이르러 새 문의로 등록되지 않았습니다.
처리 중인 문의에 회신해 주시거나, 기존 문의가 완료된 뒤 다시 보내 주시기 바랍니다.

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
        """%{recipient.name} 님, 안녕하세요.

참조로 함께하고 계신 문의 %{ticket.number}번에 %{poster} 님이 글을 남겼습니다.

%{message}
%{response}

이 메일에 회신하시면 모두에게 전달됩니다.""",
    ),
    MailKind.TICKET_RESOLVED: (
        "Re: %{ticket.subject}",
        """%{recipient.name} 님, 안녕하세요.

문의 %{ticket.number}번의 처리가 완료되었습니다.

%{comments}

아직 해결되지 않은 점이 있으면 이 메일에 회신해 주세요. 문의가 다시 열립니다.

감사합니다.

%{ticket.dept.signature}""",
    ),
    MailKind.TICKET_FORWARD: (
        "Fwd: %{ticket.subject}",
        """%{comments}

문의 %{ticket.number}번에 %{poster} 님이 남긴 내용입니다.

%{message}
%{response}

%{signature}""",
    ),
    MailKind.TICKET_ALERT: (
        "[새 문의] %{ticket.subject}",
        """%{ticket.name} <%{ticket.email}> 님의 문의 %{ticket.number}번이 접수되었습니다.

고객사: %{ticket.user.organization}
부서: %{ticket.dept}
문의 유형: %{ticket.topic.fullname}
우선순위: %{ticket.priority}
담당: %{ticket.assigned}
기한: %{ticket.due_date}
%{ticket.staff_link}

%{message}""",
    ),
    MailKind.MESSAGE_ALERT: (
        "Re: %{ticket.subject}",
        """문의 %{ticket.number}번에 %{poster} 님의 새 메시지가 있습니다.

상태: %{ticket.status}
담당: %{ticket.assigned}
%{ticket.staff_link}

%{message}""",
    ),
    MailKind.NOTE_ALERT: (
        "[내부 메모] %{ticket.subject}",
        """문의 %{ticket.number}번에 %{poster} 님이 내부 메모를 남겼습니다.
%{ticket.staff_link}

%{note}
%{response}""",
    ),
    MailKind.ASSIGNED_ALERT: (
        "[배정] %{ticket.subject}",
        """%{assigner} 님이 문의 %{ticket.number}번을 %{assignee}에게 배정했습니다.

고객: %{ticket.name} <%{ticket.email}>
우선순위: %{ticket.priority}
기한: %{ticket.due_date}
%{ticket.staff_link}

%{comments}

%{ticket.thread.lastmessage}""",
    ),
    MailKind.TRANSFER_ALERT: (
        "[이관] %{ticket.subject}",
        """%{staff} 님이 문의 %{ticket.number}번을 %{ticket.dept} 부서로 이관했습니다.

고객: %{ticket.name} <%{ticket.email}>
우선순위: %{ticket.priority}
담당: %{ticket.assigned}
%{ticket.staff_link}

%{comments}

%{ticket.thread.lastmessage}""",
    ),
    MailKind.OVERDUE_ALERT: (
        "[기한 초과] %{ticket.subject}",
        """문의 %{ticket.number}번의 처리 기한(%{ticket.due_date})이 지났습니다.

고객: %{ticket.name} <%{ticket.email}>
우선순위: %{ticket.priority}
담당: %{ticket.assigned}
%{ticket.staff_link}""",
    ),
    MailKind.TASK_ALERT: (
        "[새 작업] %{task.title}",
        """%{staff} 님이 문의 %{ticket.number}번에 작업 %{task.number}번을 등록했습니다: %{task.title}

담당: %{task.assigned}
기한: %{task.due_date}
%{ticket.staff_link}

%{task.text}""",
    ),
    MailKind.TASK_ACTIVITY_NOTICE: (
        "Re: %{ticket.subject}",
        """%{recipient.name} 님, 안녕하세요.

문의 %{ticket.number}번과 관련된 작업이 진행되고 있습니다: %{task.title}

%{activity}
%{comments}""",
    ),
    MailKind.TASK_ACTIVITY_ALERT: (
        "[작업] %{task.title}",
        """문의 %{ticket.number}번의 작업 %{task.number}번에 변동이 있습니다: %{task.title}

%{activity}
작업자: %{staff}
%{ticket.staff_link}

%{comments}""",
    ),
    MailKind.TASK_ASSIGNED_ALERT: (
        "[작업 배정] %{task.title}",
        """%{assigner} 님이 문의 %{ticket.number}번의 작업 %{task.number}번을 %{assignee}에게 배정했습니다:
%{task.title}

기한: %{task.due_date}
%{ticket.staff_link}

%{comments}

%{task.text}""",
    ),
    MailKind.TASK_TRANSFER_ALERT: (
        "[작업 이관] %{task.title}",
        """%{staff} 님이 문의 %{ticket.number}번의 작업 %{task.number}번을 %{task.dept} 부서로 이관했습니다:
%{task.title}

담당: %{task.assigned}
%{ticket.staff_link}

%{comments}""",
    ),
    MailKind.TASK_OVERDUE_ALERT: (
        "[작업 기한 초과] %{task.title}",
        """문의 %{ticket.number}번의 작업 %{task.number}번의 기한(%{task.due_date})이 지났습니다: %{task.title}

담당: %{task.assigned}
%{ticket.staff_link}""",
    ),
    MailKind.MAILBOX_ALERT: (
        "%{mailbox.address} 메일을 가져올 수 없습니다",
        """메일함 %{mailbox.address}에서 메일을 가져오는 데 두 번 연속 실패했습니다.

%{mailbox.why}

메일은 메일 서버에 그대로 있으며 유실되지 않습니다. 패널이 계속 다시 시도합니다. 자세한 내용은 패널의 메일함 화면에서
확인하고 연결 테스트를 실행해 보세요.
%{url}""",
    ),
}
