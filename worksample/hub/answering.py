"""Whether the hosted course answers as a browser would ask it: the proxy, the hub, the exchange."""

from __future__ import annotations

import http.client
import os
import ssl
from urllib.parse import SplitResult, urlsplit

ADDRESS = "WORKSAMPLE_HUB_URL"  # the address that browsers use
LISTEN = "WORKSAMPLE_HUB_LISTEN"  # where the proxy listens, if that is another
EXCHANGE = "exchange"
ASK_SECONDS = 5.0


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


def asked(environment: dict[str, str] | os._Environ[str] = os.environ) -> tuple[str, str] | None:
    """Where the proxy listens and what browsers ask for; None where another machine sees to it."""
    address = environment.get(ADDRESS)
    return (environment.get(LISTEN) or address, address) if address else None
