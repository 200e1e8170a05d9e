"""What a hosted course still needs, beside what grading needs (``batch/doctor.py``)."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from worksample.batch.doctor import Finding
from worksample.course import Course
from worksample.errors import HostingError, WorksampleError
from worksample.exchange import mail, openings
from worksample.hub import certificate, proxy
from worksample.hub.places import Places

BACKED_UP = "backed-up"  # in state/; what makes the backups touches it
BACKUP_DAYS = 2


def examine(course: Course) -> Iterator[Finding]:
    """Look at everything, one finding at a time; nothing here changes the machine."""
    places = Places(course)
    looks: tuple[Callable[[Places], Finding], ...] = (node, users, homes, address)
    for look in looks:
        yield look(places)
    yield from shown(places)
    for look in (backup, mail_server, offered):
        yield look(places)


def verdict(findings: list[Finding]) -> str:
    """One sentence for all findings."""
    missing = [each.name for each in findings if each.state == "missing"]
    weaker = [each.name for each in findings if each.state == "weaker"]
    if missing:
        return f"It cannot be served here: {', '.join(missing)}."
    if weaker:
        return f"It can be served here; to be seen to before real candidates: {', '.join(weaker)}."
    return "Real candidates can come."


def node(places: Places) -> Finding:
    try:
        found = proxy.node()
    except WorksampleError as error:
        return Finding("proxy", "missing", error.what, error.do or "")
    if proxy.installed(places) is None:
        return Finding("proxy", "ok", f"node {found.version}; npm installs it at the first start")
    return Finding("proxy", "ok", f"installed; node {found.version}")


def users(places: Places) -> Finding:
    if os.geteuid() == 0:
        return Finding("candidates", "ok", "each a user of their own, in a sandbox")
    return Finding(
        "candidates",
        "weaker",
        "in sandboxes, but all the same user of this machine",
        "serve as root (in a virtual machine of its own): then each is a user of their own",
    )


def homes(places: Places) -> Finding:
    return Finding(
        "disk",
        "weaker",
        "a home that is too large can be written to no more, a second or two after it became so; "
        "nothing holds it before",
        "put state/ on a disk of its own, so that a full one stops nothing else",
    )


def address(places: Places) -> Finding:
    """Where it was served last: a name of its own, TLS."""
    place = places.state / "address"
    if not place.is_file():
        return Finding("address", "weaker", "never served yet", "worksample serve")
    served = place.read_text(encoding="utf-8").strip()
    at = urlsplit(served)
    if at.scheme == "https":
        names = f"{at.hostname} and *.{at.hostname} need to lead here"
        return Finding("address", "ok", f"{served}; {names}")
    return Finding(
        "address",
        "weaker",
        f"{served}: this machine alone, without TLS",
        "get a domain for it alone, DNS and a certificate for it and for *. below it, and serve "
        "with --url https://… --certificate FILE --key FILE (docs/hosting.md)",
    )


def shown(places: Places) -> Iterator[Finding]:
    """The certificate, where it was served with TLS: its names and its dates."""
    place = places.state / "address"
    served = place.read_text(encoding="utf-8").strip() if place.is_file() else ""
    if urlsplit(served).scheme != "https":
        return
    files = certificate.remembered(places)
    try:
        found = files.seen() if files else certificate.shown(served)
    except HostingError as error:
        yield Finding("certificate", "missing", error.what, error.do or "")
        return
    except OSError as error:
        saw = f"{served} cannot be asked from here: {error}"
        yield Finding("certificate", "weaker", saw, "see that it leads here, and is served")
        return
    whose = str(files.certificate) if files else f"what {served} shows"
    says = f"{whose}: for {', '.join(found.names)}, until {found.ends:%d %B %Y}"
    wrong = found.wrong(served)
    if wrong:
        yield Finding("certificate", "missing", f"{whose}: {wrong}", RENEW)
    elif found.ends_soon():
        yield Finding("certificate", "weaker", says, RENEW)
    else:
        yield Finding("certificate", "ok", says)


RENEW = (
    "get one for the name and for *. below it; then SIGHUP (systemctl reload) has it read, and "
    "nobody's work stops"
)


def backup(places: Places) -> Finding:
    place = places.course.state / BACKED_UP
    remedy = "worksample backup FOLDER every day, on another disk"
    if not place.exists():
        return Finding("backup", "weaker", "none was noted", remedy)
    days = (time.time() - place.stat().st_mtime) / 86400
    if days > BACKUP_DAYS:
        return Finding("backup", "weaker", f"the last was {days:.0f} days ago", remedy)
    return Finding("backup", "ok", f"the last was {days * 24:.0f} hours ago")


def mail_server(places: Places) -> Finding:
    try:
        found = mail.settings(places.course)
    except WorksampleError as error:
        return Finding("mail", "weaker", str(error.what), error.do or "")
    if found is None:
        return Finding(
            "mail",
            "weaker",
            "no server: links are shown, for you to send",
            "write state/mail.toml (docs/hosting.md)",
        )
    return Finding("mail", "ok", f"by {found.host}")


def offered(places: Places) -> Finding:
    try:
        known = [openings.find(places.course, each).id for each in openings.ids(places.course)]
    except WorksampleError as error:
        return Finding("openings", "weaker", str(error.what), error.do or "")
    if not known:
        return Finding(
            "openings",
            "weaker",
            "none: nobody can be invited",
            f"write {openings.FOLDER}/NAME.toml (docs/hosting.md)",
        )
    return Finding("openings", "ok", ", ".join(known))
