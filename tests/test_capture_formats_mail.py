"""E-mail: the writer's own words are read, what they answer and sign with is not."""

import base64
from email.message import EmailMessage

import pytest

from capture.lines import LineKind
from capture.notes import Notes, read_notes
from connector.errors import UnreadableNotesError
from tests.office_documents import docx

HEAD = (
    b"From: =?utf-8?q?L=C3=A9a_Martin?= <lea@halle.example>\r\nTo: collectif@halle.example\r\n"
    b"Date: Tue, 3 Mar 2026 18:40:00 +0100\r\nSubject: =?iso-8859-1?Q?Re:_[halle]_R=E9union_du_3_mars?=\r\n"
)


def mail(text: str, *, subject: str = "Réunion du 3 mars", html: str | None = None) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["Subject"] = "Léa Martin <lea@halle.example>", subject
    message.set_content(text)
    if html is not None:
        message.add_alternative(html, subtype="html")
    return message


def read(message: EmailMessage | bytes) -> Notes:
    return read_notes(message if isinstance(message, bytes) else message.as_bytes(), filename="cr.eml")


def said(notes: Notes) -> list[str]:
    return [line.content for line in notes.lines if line.content and line.kind is not LineKind.META]


def test_the_head_says_who_wrote_when_and_about_what() -> None:
    notes = read(
        HEAD + b"Content-Type: text/plain; charset=iso-8859-1\r\n\r\nD\xe9cision : on garde la scie.\r\n"
    )
    assert notes.document_title == "Réunion du 3 mars"
    assert notes.media_type == "message/rfc822"
    assert [line.content for line in notes.lines if line.kind is LineKind.META] == [
        "Subject: Re: [halle] Réunion du 3 mars",
        "Date: Tue, 3 Mar 2026 18:40:00 +0100",
        "From: Léa Martin <lea@halle.example>",
        "To: collectif@halle.example",
    ]
    assert said(notes) == ["Décision : on garde la scie."]
    assert [line.number for line in notes.lines] == list(range(1, notes.line_count + 1))


@pytest.mark.parametrize("charset", ["utf-8", "x-unknown", "us-ascii", "idna"])
def test_a_charset_that_is_wrong_is_not_believed(charset: str) -> None:
    body = f"Content-Type: text/plain; charset={charset}\r\n\r\n".encode() + "Été à Besançon".encode("cp1252")
    assert said(read(HEAD + body)) == ["Été à Besançon"]


def test_quoted_printable_with_faults() -> None:
    body = b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    notes = read(HEAD + body + b"D=C3=A9cision =ZZ : on garde la tr=\r\n=C3=A8s vieille scie=\r\n")
    assert said(notes) == ["Décision =ZZ : on garde la très vieille scie"]


@pytest.mark.parametrize(
    "answered",
    [
        "Le mar. 3 févr. 2026 à 10:12, Marc Le Goff <marc@halle.example> a écrit :\n\n> On vend la "
        "scie.\n> Marc\n",
        "Le mar. 3 févr. 2026 à 10:12, Marc Le Goff\n<marc@halle.example> a écrit :\n> On vend la scie.\n",
        "On Tue, Feb 3, 2026 at 10:12 AM Marc Le Goff <marc@halle.example> wrote:\n\nOn vend la scie.\n",
        "-----Message d'origine-----\nDe : Marc\nObjet : x\n\nOn vend la scie.\n",
        "-----Original Message-----\nFrom: Marc\n\nOn vend la scie.\n",
        "De : Marc Le Goff <marc@halle.example>\nEnvoyé : mardi 3 février 2026 10:12\nÀ : Léa\n"
        "Objet : scie\n\nOn vend.\n",
        "________________________________\nFrom: Marc\nSent: Tuesday\nTo: Léa\nSubject: x\n\nWe sell it.\n",
        "-- \nLéa Martin\nOn vend des scies\n",
        "Envoyé de mon iPhone\n",
    ],
)
def test_what_is_answered_and_signed_is_not_said(answered: str) -> None:
    notes = read(mail(f"Décision : on garde la scie.\n\n{answered}"))
    assert said(notes) == ["Décision : on garde la scie."]
    assert "".join(answered.split()) in "".join(line.text.replace(" ", "") for line in notes.lines)


def test_answers_between_the_quoted_lines_are_said() -> None:
    notes = read(mail("Le 3 mars, Marc a écrit :\n> On vend la scie ?\nNon.\n> Et le rabot ?\nOui.\n"))
    assert said(notes) == ["Non.", "Oui."]


def test_what_html_quotes_and_signs() -> None:
    html = (
        "<div><h2>Décisions</h2><ul><li>On garde la scie.</li></ul></div>"
        '<div class="gmail_signature">Léa, menuisière</div><div class="gmail_quote">'
        '<div class="gmail_attr">Le mar. 3 mars, Marc a écrit :</div><blockquote>On vend.</blockquote></div>'
        '<blockquote type="cite">On vend.</blockquote><img src="https://track.example/p.gif" width="1">'
    )
    notes = read(mail("On garde la scie.", html=html))
    assert said(notes) == ["Décisions", "On garde la scie."]
    assert notes.lines[-1].kind is LineKind.META


def test_a_message_that_is_passed_on_is_read() -> None:
    text = (
        "Pour info.\n\n---------- Forwarded message ---------\nDe : Marc <marc@halle.example>\n"
        "Date: mar. 3 mars 2026\nSubject: CR\nTo: <lea@halle.example>\n\n"
        "Décision : on garde la scie.\n\nLe 2 mars, Paul a écrit :\n> On vend.\n"
    )
    assert said(read(mail(text, subject="Fwd: CR"))) == ["Pour info.", "Décision : on garde la scie."]
    quoted = "\n".join(f"> {line}" for line in ("Décision : on garde la scie.", "> On vend."))
    assert said(read(mail(quoted, subject="TR: CR"))) == ["Décision : on garde la scie."]


def test_notes_attached_to_a_cover_letter() -> None:
    message = mail("Bonjour,\nci-joint le compte rendu.\nLéa")
    body = "<w:p><w:r><w:t>Décision : on garde la scie.</w:t></w:r></w:p>"
    message.add_attachment(
        docx(body), maintype="application", subtype="octet-stream", filename="Réunion d’été.docx"
    )
    assert said(read(message)) == ["Décision : on garde la scie."]
    empty = mail("\n")
    empty.add_attachment("Décision : on garde.", filename="notes.txt")
    assert said(read(empty)) == ["Décision : on garde."]


def test_attachments_of_a_message_that_says_something_are_left_alone() -> None:
    message = mail("Décision : on garde la scie.")
    message.add_attachment("Autre chose.", filename="liste.txt")
    message.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="notes.png")
    assert said(read(message)) == ["Décision : on garde la scie."]


def test_a_broken_attachment_is_one_clear_error() -> None:
    message = mail("\n")
    message.add_attachment(b"PK\x03\x04", maintype="application", subtype="zip", filename="cr.docx")
    with pytest.raises(UnreadableNotesError, match="damaged"):
        read(message)


def test_a_message_in_a_message_without_end() -> None:
    data = b"Content-Type: multipart/mixed; boundary=a\n\n--a\n" * 2_000
    with pytest.raises(UnreadableNotesError):
        read(data)


def test_a_message_pasted_as_it_was_sent() -> None:
    source = (HEAD + b"MIME-Version: 1.0\r\n\r\nOn garde la scie.\r\n").decode()
    assert said(read_notes(source)) == ["On garde la scie."]
    notes = read_notes("Objet: scie\nDate: 3 mars\n\nOn garde la scie.\n")
    assert notes.media_type == "text/plain"


def test_base64_without_padding() -> None:
    coded = base64.b64encode("Décision : on garde la scie !".encode()).rstrip(b"=")
    head = b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    assert said(read(HEAD + head + coded))[0].startswith("Décision : on garde la")


def test_of_an_endless_subject_the_beginning_is_read() -> None:
    subject = "=?utf-8?q?bilan?= " * 50_000
    notes = read_notes(f"From: a@example.org\nSubject: {subject}\n\nBonjour.\n", filename="a.eml")
    assert notes.document_title.startswith("bilan")
    assert len(notes.document_title) <= 500
