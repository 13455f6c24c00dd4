"""The key of all tests' databases: fixed, and nobody's."""

import base64

from bot.core.keyring import Keyring

TEST_KEY = base64.urlsafe_b64encode(b"a key for tests and nothing else").decode()


def fixed_keys() -> Keyring:
    """Return the keys a test's database is opened with."""
    return Keyring([TEST_KEY])
