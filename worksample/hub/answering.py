"""Whether the hosted course answers as a browser would ask it, and since when it has not.

What is noted here is what candidates are given back: whatever was away (the machine, the proxy,
the hub, the exchange), and however it ended.
"""

from __future__ import annotations

import http.client
import logging
import os
import ssl
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from worksample import disk
from worksample.course import Course
from worksample.exchange import sittings
from worksample.records.tables import now

ADDRESS = "WORKSAMPLE_HUB_URL"  # the address that browsers use
LISTEN = "WORKSAMPLE_HUB_LISTEN"  # where the proxy listens, if that is another
EXCHANGE = "exchange"
ASK_SECONDS = 5.0
# what is shorter is not noticed: a page tries again, as after an upgrade
AWAY = timedelta(seconds=20)

_log = logging.getLogger("worksample.keeper")


def service_address(address: str, name: str) -> str:
    """Where browsers reach a service of the hub at ``address``."""
    at = urlsplit(address)
    return f"{at.scheme}://{name}--service.{at.netloc}/services/{name}/"


def port(at: SplitResult) -> int:
    return at.port or (443 if at.scheme == "https" else 80)


def hub(listen: str, address: str) -> bool:
    """Whether the hub answers through the proxy."""
    return _status(listen, f"{address}/hub/health") == 200


def everything(listen: str, address: str) -> bool:
    """Whether the hub and the exchange do; the latter is asked for what anybody may see."""
    exchange = _status(listen, f"{service_address(address, EXCHANGE)}style.css")
    return hub(listen, address) and exchange == 200


def _status(listen: str, address: str) -> int:
    """What the proxy at ``listen`` answers to who asks for ``address``; 0 where it does not."""
    at, wanted = urlsplit(listen), urlsplit(address)
    here = "127.0.0.1" if at.hostname == "0.0.0.0" else at.hostname or ""
    connection: http.client.HTTPConnection
    if at.scheme == "https":
        # it is asked by its number, and whether its name is right was looked at before
        itself = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        itself.check_hostname, itself.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection(
            here, port(at), timeout=ASK_SECONDS, context=itself
        )
    else:
        connection = http.client.HTTPConnection(here, port(at), timeout=ASK_SECONDS)
    try:
        connection.request("GET", wanted.path, headers={"Host": wanted.netloc})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def look(course: Course, place: Path, answers: bool, at: datetime | None = None) -> list[str]:
    """Note that all of it answers now; where it was away before, give the time back.

    Args:
        place: file that says when it answered last; it outlives everything that runs.
        answers: whether it does.

    Returns:
        In words, who was given time back.
    """
    at = at or now()
    if not answers:
        return []
    last = _last(place)
    said = []
    if last is not None and at - last > AWAY:
        why = f"our side did not answer from {last:%d %B, %H:%M:%S} to {at:%H:%M:%S} UTC"
        for each in sittings.give_back(course, last, at, why):
            said.append(f"{each.candidate}, {each.assignment}: {why}; the time was given back")
    disk.replace(place, at.isoformat().encode())
    return said


def _last(place: Path) -> datetime | None:
    try:
        return datetime.fromisoformat(place.read_text(encoding="ascii"))
    except FileNotFoundError:
        return None


def asked(environment: dict[str, str] | os._Environ[str] = os.environ) -> tuple[str, str] | None:
    """Where the proxy listens and what browsers ask for; None where another machine sees to it."""
    address = environment.get(ADDRESS)
    return (environment.get(LISTEN) or address, address) if address else None
