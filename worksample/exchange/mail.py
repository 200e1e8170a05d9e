"""Mail with a candidate's link: sent where a server is configured, else shown as text.

``state/mail.toml``, readable for its owner only::

    host = "smtp.example.org"
    port = 587
    security = "starttls"      # or "tls", or "none"
    user = "hiring"            # user and password may be left out
    password = "…"
    sender = "Hiring <hiring@example.org>"
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, timedelta
from email.message import EmailMessage
from email.utils import parseaddr

from worksample.assignments.toml import Table
from worksample.course import Course
from worksample.errors import CourseError
from worksample.exchange.links import Link
from worksample.exchange.openings import Opening

SECONDS = 30.0  # for each answer of the server
SECURITY = ("starttls", "tls", "none")


@dataclass(frozen=True)
class Settings:
    """Where mail goes out."""

    host: str
    port: int
    security: str
    user: str
    password: str
    sender: str


def settings(course: Course) -> Settings | None:
    """The configured server; None if there is none.

    Raises:
        AssignmentError: the file has a mistake: file, line and what to do.
        CourseError: others can read the password in it.
    """
    path = course.state / "mail.toml"
    if not path.is_file():
        return None
    if path.stat().st_mode & 0o077:
        raise CourseError(
            "others can read the mail server's password", where=str(path), do=f"chmod 600 {path}"
        )
    table = Table.read(path, "says where mail goes out")
    found = Settings(
        host=table.take("host", str),
        port=int(table.take("port", int, 587)),
        security=table.take("security", str, "starttls"),
        user=table.take("user", str, ""),
        password=table.take("password", str, ""),
        sender=table.take("sender", str),
    )
    table.finish()
    if found.security not in SECURITY:
        raise table.mistake("`security` is one of " + ", ".join(SECURITY), "security")
    if "@" not in parseaddr(found.sender)[1]:
        raise table.mistake("`sender` is no mail address", "sender")
    return found


def invitation(opening: Opening, link: Link, address: str) -> tuple[str, str]:
    """Subject and text of the mail with a link."""
    last = opening.closes - timedelta(minutes=1)
    first, until = (f"{each.astimezone(UTC):%-d %B %Y, %H:%M}" for each in (opening.opens, last))
    contact = f"\nQuestions before you start: {opening.contact}\n" if opening.contact else ""
    text = f"""Hello,

we would like to see how you work, on a realistic piece of work instead of a quiz.
This is your link; it is yours alone, please pass it to nobody:

    {address}

You can open it again at any time, on any device. Nothing begins by opening it: it
explains what is asked, how long it takes and what is recorded. Your time begins when
you press start, between {first} and {until} UTC.

Everybody who hands in gets feedback, and may revise their work once. You are told our
decision by {opening.decision:%-d %B %Y}, whatever it is.

If you need more time or another format, tell us before you start.
{contact}
Your id there is {link.candidate}.
"""
    return f"{opening.title}: your work sample", text


@contextmanager
def server(given: Settings) -> Iterator[smtplib.SMTP]:
    """A connection to the configured server.

    Raises:
        CourseError: it cannot be reached, or does not let us in.
    """
    context = ssl.create_default_context()
    try:
        if given.security == "tls":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                given.host, given.port, timeout=SECONDS, context=context
            )
        else:
            connection = smtplib.SMTP(given.host, given.port, timeout=SECONDS)
        with connection:
            if given.security == "starttls":
                connection.starttls(context=context)
            if given.user:
                connection.login(given.user, given.password)
            yield connection
    except (OSError, smtplib.SMTPException) as error:
        raise CourseError(
            f"the mail server does not take mail: {error}",
            where=f"{given.host}:{given.port}",
            do="correct state/mail.toml, or leave --mail out and send the links yourself",
        ) from None


def send(connection: smtplib.SMTP, sender: str, to: str, subject: str, text: str) -> None:
    """Send one mail.

    Raises:
        SMTPException: it was refused; ValueError: the address or subject holds a line break.
    """
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message.set_content(text)
    connection.send_message(message)
