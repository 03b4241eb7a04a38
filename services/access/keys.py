"""The keys that sign tokens and share links: one signs, and the one before it still proves what it signed. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import pairwise

from services.errors import SetupError

_SHORTEST = 16
_FEWEST_LETTERS = 6
_LONGEST_PERIOD = 8
_FEWEST_LEFT = 8
_ID_LENGTH = 8
_GUESSED = (
    *("change", "secret", "password", "passwd", "liencap", "admin", "default", "example", "letmein"),
    *("qwerty", "matkhau", "bimat", "vietnam", "welcome", "token", "demo", "test", "123456", "abcdef"),
)
"""Words that people put where a random text belongs; longer words than these hold them."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The signing keys of an installation; `previous` is None unless the keys were rotated and it was not dropped.

    Raises:
        SetupError: one of them can be guessed.
    """

    current: str
    previous: str | None = None

    def __post_init__(self) -> None:
        """Check both."""
        for key in self.oldest_first:
            check_secret(key)

    @property
    def oldest_first(self) -> list[str]:
        """Return the keys as itsdangerous takes them: the last one signs, each of them proves."""
        return [self.current] if self.previous is None else [self.previous, self.current]


def key_id(key: str) -> str:
    """Return the name of a key in lists, from which nobody finds the key."""
    return hashlib.sha256(f"liencap-key:{key}".encode()).hexdigest()[:_ID_LENGTH]


def check_secret(secret: str) -> None:
    """Check that nobody guesses a secret.

    Raises:
        SetupError: it is short, repeats itself, is a run of neighbouring letters, or is little more than usual words.
    """
    reason = _weakness(secret)
    if reason is not None:
        raise SetupError(
            f"the secret for tokens {reason}: leave LIENCAP_SECRET away, and a random one is made in the data folder, "
            "or write one with `openssl rand -base64 32`",
            field="secret",
        )


def _weakness(secret: str) -> str | None:
    if len(secret) < _SHORTEST:
        return f"must have at least {_SHORTEST} characters"
    if len(set(secret)) < _FEWEST_LETTERS:
        return "has few different characters"
    if any(_repeats(secret, period) for period in range(1, _LONGEST_PERIOD + 1)):
        return "repeats itself"
    steps = {ord(after) - ord(before) for before, after in pairwise(secret)}
    if len(steps) <= 2:  # noqa: PLR2004 -- one step, and one jump as from 9 to a
        return "is a run of neighbouring characters"
    left = secret.casefold()
    for word in _GUESSED:
        left = left.replace(word, "")
    if len({each for each in left if each.isalnum()}) < _FEWEST_LEFT - 1 and len(left) < len(secret):
        return "is little more than words that everybody tries"
    return None


def _repeats(secret: str, period: int) -> bool:
    return all(secret[at] == secret[at % period] for at in range(len(secret)))
