"""The signing keys: two at a time, rotated beside a running server; what can be guessed signs nothing."""

from __future__ import annotations

import datetime as dt
import secrets
import uuid
from pathlib import Path

import pytest
from pydantic import SecretStr

from services.access.actors import Actor
from services.access.keys import Keys, check_secret
from services.access.share_tokens import link_id_of, share_token
from services.access.tokens import create_token, read_token
from services.boot import installation
from services.boot.installation import Keyring, drop_previous_key, load_keys, rotate_keys
from services.errors import LinkOver, SetupError, Unauthenticated
from services.settings import Settings
from tests.services.world import SECRET

NOW = dt.datetime(2026, 11, 23, 1, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
OFFICER = Actor("commune_officer", "15607")


@pytest.mark.parametrize(
    "secret",
    [
        *(
            "",
            "short",
            "aaaaaaaaaaaaaaaa",
            "aaaaaaaaaaaaaaab" * 4,
            "abcabcabcabcabcabcabc",
            "0123456789abcdef",
        ),
        *(
            "abcdefghijklmnopqrstuvwxyz",
            "9876543210987654",
            "change-me-change-me-change-me",
            "MatKhau123456!!!",
        ),
        *("password-password1", "liencap-secret-token", "correctcorrectcorrect", "ababababababababab12"[:18]),
    ],
)
def test_a_secret_that_can_be_guessed_signs_nothing(secret: str) -> None:
    with pytest.raises(SetupError, match="openssl rand"):
        check_secret(secret)
    with pytest.raises(SetupError):
        create_token(secret, OFFICER, DAY, NOW)
    with pytest.raises(SetupError):
        load_keys(Settings(secret=SecretStr(secret)))
    with pytest.raises(SetupError):
        Keys(SECRET, secret)


def test_a_random_secret_is_no_guess() -> None:
    for _ in range(500):
        check_secret(secrets.token_urlsafe(32))
        check_secret(secrets.token_hex(16))


def test_after_a_rotation_both_keys_hold_and_the_new_one_signs(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    before = load_keys(settings)
    old = create_token(before.current, OFFICER, DAY, NOW)
    keys = rotate_keys(settings)
    assert keys.previous == before.current
    assert keys.current != before.current
    new = create_token(keys.current, OFFICER, DAY, NOW)
    assert [read_token(keys, each, NOW).actor.role for each in (old, new)] == ["commune_officer"] * 2
    with pytest.raises(Unauthenticated):
        read_token(before, new, NOW)
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in ("secret.key", "secret.previous.key")] == [
        0o600
    ] * 2


def test_what_a_dropped_key_signed_does_not_hold(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    old_keys = load_keys(settings)
    old = create_token(old_keys.current, OFFICER, DAY, NOW)
    rotate_keys(settings)
    with pytest.raises(SetupError, match="keys drop"):
        rotate_keys(settings)
    assert drop_previous_key(settings) == old_keys.current
    with pytest.raises(Unauthenticated):
        read_token(load_keys(settings), old, NOW)
    with pytest.raises(SetupError, match="no key before"):
        drop_previous_key(settings)
    rotate_keys(settings)


def test_share_links_rotate_with_the_keys(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    link_id = uuid.uuid4()
    name = share_token(load_keys(settings), link_id, ["a board"])
    assert link_id_of(rotate_keys(settings), name) == link_id
    drop_previous_key(settings)
    with pytest.raises(LinkOver):
        link_id_of(load_keys(settings), name)


def test_a_running_process_takes_a_rotation_and_a_drop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(data=tmp_path)
    ring = Keyring(settings)
    first = ring()
    rotated = rotate_keys(settings)
    assert ring() == first, "within its seconds it relies on what it read"
    monkeypatch.setattr(installation, "LOOK_SECONDS", -1.0)
    assert ring() == rotated
    drop_previous_key(settings)
    assert ring() == Keys(rotated.current)


def test_keys_of_the_environment_are_rotated_there(tmp_path: Path) -> None:
    first, second = (SecretStr(secrets.token_urlsafe(32)) for _ in range(2))
    settings = Settings(data=tmp_path, secret=second, secret_previous=first)
    assert load_keys(settings) == Keys(second.get_secret_value(), first.get_secret_value())
    for change in (rotate_keys, drop_previous_key):
        with pytest.raises(SetupError, match="LIENCAP_SECRET_PREVIOUS"):
            change(settings)
