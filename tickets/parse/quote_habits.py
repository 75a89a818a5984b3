"""How mail programs write "here begins the mail that is answered", as patterns over single lines of text."""

from __future__ import annotations

import re

_DASH = "[-_=─━\u2010-\u2015]"

SEPARATOR = re.compile(
    rf"[ \t>]*(?:{_DASH}{{2,}}\s*(?:"
    r"Original (?:Message|Nachricht|mail|e-mail|Appointment)|Reply (?:Message|to message)"
    r"|Forwarded (?:Message|message by.{0,200})"
    r"|Urspr(?:ü|ue)ngliche (?:Nachricht|E-Mail|Mail)|Weitergeleitete Nachricht"
    r"|Message d['’]origine|Message original|Mensaje original"
    r"|Messaggio originale|Mensagem original|Oorspronkelijk bericht"
    r"|Oprindelig meddelelse|Ursprungligt meddelande|Wiadomość oryginalna"
    r"|Исходное сообщение|元のメッセージ|原始邮件|原始郵件|邮件原件|回复的原邮件"
    r"|원본 ?메(?:시|세)지|원본 ?메일|원문|받은 ?메일|전달된 ?메(?:시|세)지|Original|보낸 ?메일"
    rf")\s*{_DASH}{{2,}}|_{{20,}}|-{{20,}}\s*원본 ?메일\s*-*)[ \t]*",
    re.IGNORECASE,
)
"""A line that divides; only underscores count where labels follow."""
ONLY_A_RULE = re.compile(r"[ \t>]*_{20,}[ \t]*")

_LABEL_WORDS = {
    "from": "From|Von|De|Da|Van|Od|Från|Fra|От|差出人|发件人|寄件者|寄件人|보낸\\s?사람|보낸이|보낸\\s?분|발신",
    "sent": "Sent|Date|Gesendet(?: am)?|Datum|Envoyé|Enviado(?: el)?|Fecha|Inviato|Data|Verzonden|Wysłano|Skickat"
    "|Отправлено|Дата"
    "|送信日時|日時|发送时间|日期|寄件日期|傳送日期|보낸\\s?날짜|보낸\\s?시간|날짜|일시",
    "to": "To|An|À|A|Para|Aan|Do|Till|Til|Кому|宛先|收件人|收件者|받는\\s?사람|받는이|받는\\s?분|수신",
    "subject": "Subject|Betreff|Objet|Asunto|Oggetto|Assunto|Onderwerp|Temat|Ämne|Emne|Тема|件名|主题|主旨|제목",
}
LABEL_FROM = re.compile(rf"[ \t>*]*(?:{_LABEL_WORDS['from']})[ \t]*\*?[:：]\*?[ \t]*\S.*", re.IGNORECASE)
LABEL_OTHER = re.compile(
    rf"[ \t>*]*(?:{_LABEL_WORDS['sent']}|{_LABEL_WORDS['to']}|{_LABEL_WORDS['subject']}|Cc|참조|Kopie)"
    r"[ \t]*\*?[:：]\*?[ \t]*.*",
    re.IGNORECASE,
)

ATTRIBUTION = re.compile(
    r"[ \t]*(?:"
    r"On\b.{4,300}\bwrote\s?:"
    r"|Am\b.{4,300}\bschrieb\b.{0,200}:"
    r"|.{4,200}\bschrieb am\b.{4,120}:"
    r"|Le\b.{4,300}\ba écrit\s?:"
    r"|El\b.{4,300}\bescribió\s?:"
    r"|Il\b.{4,300}\bha scritto\s?:"
    r"|Em\b.{4,300}\bescreveu\s?:"
    r"|Op\b.{4,300}\b(?:schreef|het volgende geschreven)\b.{0,200}:"
    r"|(?:W dniu|Dnia)\b.{4,300}\b(?:pisze|napisał(?:\(a\)|a)?)\b\s?:?"
    r"|(?:Den|På)\b.{4,300}\bskrev\b.{0,200}:"
    r"|.{4,300}(?:пишет|написал(?:а|\(а\))?)\s?:"
    r"|.{4,300}(?:님이|이\(가\)|이|가)\s?(?:작성|쓴 글|쓰셨습니다"
    r"|작성한 (?:글|메(?:시|세)지)|다음과 같이 (?:썼습니다|작성))\s?[.:：]?"
    r"|\d{4}\s?[년.].{4,300}(?:작성|씀|님)\s?[:：]"
    r"|\d{4}年\d{1,2}月\d{1,2}日.{2,300}[:：]"
    r"|(?:在|于).{4,300}写道\s?[:：]"
    r"|.{4,300}(?:寫道|写道)\s?[:：]"
    r"|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}.{2,300}<[^<>\s]{3,254}@[^<>\s]{1,254}>\s?[:：]"
    r")[ \t]*",
    re.IGNORECASE,
)
"""A whole attribution, on one line or joined from up to three."""
ATTRIBUTION_START = re.compile(
    r"[ \t]*(?:On|Am|Le|El|Il|Em|Op|Den|På|W dniu|Dnia|在|于|\d{4}\s?[년年]|\d{4}[-/.]\d{1,2}[-/.]\d{1,2})(?:\b|\s|\d)",
    re.IGNORECASE,
)
