"""The hosted JupyterLab: serve."""

from __future__ import annotations

import logging
from pathlib import Path

import click

from worksample.cli.shared import example, say, the_course
from worksample.errors import WorksampleError


@click.command(
    epilog=example(
        "worksample serve",
        "worksample serve --url https://assess.example.org --listen http://127.0.0.1:8000",
        "worksample serve --url https://assess.example.org --certificate all.pem --key all.key",
    )
)
@click.option("--port", default=8000, show_default=True, help="On this machine alone.")
@click.option("--url", "address", default="", help="What browsers use, behind a server with TLS.")
@click.option("--listen", default="", help="Where the proxy listens; as --url by default.")
@click.option(
    "--certificate",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Of --url and *. below it, as PEM: no server with TLS in front is needed then.",
)
@click.option(
    "--key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The certificate's, as PEM.",
)
@click.option("--no-demonstration", is_flag=True, help="Invite no candidate to look at it with.")
def serve(
    port: int,
    address: str,
    listen: str,
    certificate: Path | None,
    key: Path | None,
    no_demonstration: bool,
) -> None:
    """Start the hosted JupyterLab: a link, a browser, nothing to install for candidates.

    Ctrl-C ends it, the candidates' servers too; what is in state/ stays. Started again, it goes on.
    """
    import threading

    from worksample.hub import serving
    from worksample.hub.certificate import Files
    from worksample.hub.supervisor import Supervisor, alone

    logging.basicConfig(format="%(message)s", level=logging.WARNING)
    course = the_course()
    if (certificate is None) != (key is None):
        raise click.UsageError("--certificate and --key belong together")
    address = address.rstrip("/")
    if certificate is not None and key is not None:
        files = Files(certificate.absolute(), key.absolute())  # a link to the newest stays one
        site = serving.Site.secure(address, listen, files)
    else:
        site = serving.Site(address, listen or address) if address else serving.Site.here(port)
    say("looking what is missing; the first time, the proxy is installed …", err=True)
    places = serving.prepare(course, site)
    with alone(places):
        supervisor = Supervisor(places, serving.parts(places, site))
        wrong: list[WorksampleError] = []

        def progress(words: str) -> None:
            say(words, err=True)

        def tell() -> None:
            try:
                serving.wait(site, lambda: not supervisor.stopping)
                say(f"serving {course.root.name} at {site.address}")
                say(f"  administrator (works once): {serving.operators_link(places, site)}")
                link = None if no_demonstration else serving.demonstration(course, site, progress)
                say(f"  demonstration candidate:    {link or 'none'}")
                say("Ctrl-C ends it. What a real deployment still needs: worksample doctor")
            except WorksampleError as error:
                wrong.append(error)
                supervisor.stopping = True

        threading.Thread(target=tell, daemon=True).start()
        supervisor.run()
    for each in wrong:
        raise each
    say("ended; what candidates saved is in state/homes")


COMMANDS = (serve,)
