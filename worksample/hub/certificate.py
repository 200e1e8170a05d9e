"""The certificate that browsers are shown: whether it holds, for which names, and how long.

With ``worksample serve --certificate FILE --key FILE`` the proxy ends TLS by itself; else a server
in front does, and it is asked what it shows.
"""

from __future__ import annotations

import json
import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509

from worksample import disk
from worksample.errors import HostingError
from worksample.hub.places import Places

SOON = timedelta(days=21)  # before its end, somebody should see to it
ASK_SECONDS = 5.0


@dataclass(frozen=True)
class Files:
    """Where certificate and key lie, as PEM; the certificate's own chain may follow it."""

    certificate: Path
    key: Path

    def seen(self) -> Certificate:
        """The certificate, once it is known that the key is its own.

        Raises:
            HostingError: one of them cannot be read, or they do not belong together.
        """
        try:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.certificate, self.key, password=_nobody_types)
            found = x509.load_pem_x509_certificates(self.certificate.read_bytes())[0]
        except (OSError, ValueError) as error:  # ssl's errors are OSErrors
            raise HostingError(
                f"the certificate cannot be used with this key: {error}",
                where=f"{self.certificate}, {self.key}",
                do="give a certificate and its own key as PEM, readable for whoever serves",
            ) from error
        return Certificate.of(found)


def _nobody_types() -> str:
    """For a key that is encrypted: else OpenSSL would ask at the terminal, here and in doctor.

    Raises:
        ValueError: always; the proxy, which starts by itself, could not be told either.
    """
    raise ValueError(
        "the key is encrypted (`openssl pkey -in KEY -out PLAIN` writes one that is not)"
    )


@dataclass(frozen=True)
class Certificate:
    """What a certificate says.

    Attributes:
        names: host names, with ``*`` for one label.
        begins, ends: between which it holds.
    """

    names: tuple[str, ...]
    begins: datetime
    ends: datetime

    @classmethod
    def of(cls, found: x509.Certificate) -> Certificate:
        try:
            alternative = found.extensions.get_extension_for_class(x509.SubjectAlternativeName)
            names = alternative.value.get_values_for_type(x509.DNSName)
        except x509.ExtensionNotFound:
            names = []  # browsers do not look at the subject's common name any more
        return cls(tuple(names), found.not_valid_before_utc, found.not_valid_after_utc)

    def is_for(self, host: str) -> bool:
        """Whether it holds for a host name (RFC 6125: ``*`` is one whole label, the first)."""
        wanted = host.lower().rstrip(".")
        below = wanted.partition(".")[2]
        return any(each.lower() in (wanted, f"*.{below}") for each in self.names)

    def wrong(self, address: str, at: datetime | None = None) -> str:
        """Why browsers refuse it at this address or below; empty where they do not."""
        at, host = at or datetime.now(UTC), urlsplit(address).hostname or ""
        if at < self.begins:
            return f"it holds only from {self.begins:%d %B %Y} on"
        if at >= self.ends:
            return f"it has expired on {self.ends:%d %B %Y}"
        lacking = [name for name in (host, f"*.{host}") if not self.is_for(name)]
        return (
            f"it is for {', '.join(self.names) or 'no name'}, and not for " + " and ".join(lacking)
            if lacking
            else ""
        )

    def ends_soon(self, at: datetime | None = None) -> bool:
        return self.ends - (at or datetime.now(UTC)) < SOON


def checked(files: Files, address: str) -> Certificate:
    """The certificate to serve an address with.

    Raises:
        HostingError: browsers would refuse it there, or it cannot be used.
    """
    found = files.seen()
    if wrong := found.wrong(address):
        raise HostingError(
            f"browsers would refuse this certificate at {address}: {wrong}",
            where=str(files.certificate),
            do="get one for the name and for *. below it: each candidate has a host name there",
        )
    return found


def remember(places: Places, files: Files | None) -> None:
    """Note where the files lie, for `worksample doctor`."""
    place = places.state / "certificate"
    if files is None:
        place.unlink(missing_ok=True)
        return
    words = {"certificate": str(files.certificate), "key": str(files.key)}
    disk.replace(place, json.dumps(words).encode())


def remembered(places: Places) -> Files | None:
    """The files that it was served with last; None where TLS ended elsewhere."""
    try:
        words = json.loads((places.state / "certificate").read_bytes())
    except FileNotFoundError:
        return None
    return Files(Path(words["certificate"]), Path(words["key"]))


def shown(address: str) -> Certificate:
    """What a server shows at an address, whoever has signed it.

    Raises:
        OSError: it cannot be reached, or does not speak TLS.
    """
    at = urlsplit(address)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection((at.hostname or "", at.port or 443), ASK_SECONDS) as connection,
        context.wrap_socket(connection, server_hostname=at.hostname) as secure,
    ):
        data = secure.getpeercert(binary_form=True)
    if data is None:
        raise OSError(f"{at.hostname} shows no certificate")
    return Certificate.of(x509.load_der_x509_certificate(data))
