"""Take a candidate out of the hub's own database, so that erasing leaves no name there."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from http import HTTPStatus
from urllib.parse import quote

import aiohttp

from worksample.course import Course
from worksample.errors import HostingError
from worksample.hub.keeper import ask
from worksample.hub.places import Places
from worksample.records import forgetting


def forget(course: Course, name: str) -> None:
    """Stop somebody's server and delete their account: by the hub if it runs, else in its file.

    Raises:
        HostingError: the hub runs and refuses, or does not answer.
        CourseError: another program holds the database.
    """
    places = Places(course)
    file = places.database
    if not file.is_file():
        return
    if not asyncio.run(_by_the_hub(places, name)):
        _in_the_file(places, name)
    forgetting.compact(f"sqlite:///{file}")


async def _by_the_hub(places: Places, name: str) -> bool:
    """Whether the hub runs; what is in its memory cannot be changed beneath it."""
    try:
        await ask(places, "DELETE", f"users/{quote(name)}")
    except aiohttp.ClientResponseError as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise HostingError(
                f"the hub did not delete {name}: {error.message}",
                do="end `worksample serve`, then run the same command again",
            ) from error
    except aiohttp.ClientConnectorError:
        return False
    return True


def _in_the_file(places: Places, name: str) -> None:
    with closing(sqlite3.connect(places.database)) as connection, connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("DELETE FROM users WHERE name = ?", (name,))
        connection.execute(
            "DELETE FROM servers WHERE substr(base_url, 1, ?) = ?",
            (len(f"/user/{name}/"), f"/user/{name}/"),
        )
        connection.execute(
            "DELETE FROM oauth_clients WHERE identifier = ?", (f"jupyterhub-user-{name}",)
        )
