"""Passwords that are cheap to check: how dear they are is argon2's business, and its defaults'."""

from __future__ import annotations

import argon2
import pytest

from worksample.exchange import people


@pytest.fixture(scope="package", autouse=True)
def cheap_passwords() -> object:
    people._hasher.cache_clear()
    people._nobodys_hash.cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        cheap = argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
        patch.setattr(people, "_hasher", lambda: cheap)
        yield
    people._nobodys_hash.cache_clear()
