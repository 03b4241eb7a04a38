"""Notices by e-mail, through a real mail server on this machine."""

from __future__ import annotations

import re
import socket
from typing import Any
from uuid import UUID

import pytest

from services.language.labels import Lang
from services.notices.channel import Parcel, Undelivered
from services.notices.mail import MailChannel, MailServer
from tests.services.notices.mail_server import PASSWORD, USER, Certificate, mail_server, make_certificate
from tests.services.notices.written import NOON, URL, wording, written_notice

TO = "van-thu.sokhcn@thanhhoa.example"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("tls"))


def channel(port: int, **more: Any) -> MailChannel:
    security = more.pop("security", "none")
    server = MailServer("127.0.0.1", port, security, "liencap@thanhhoa.example", timeout=5.0, **more)
    return MailChannel(server, wording(), URL, lambda: NOON)


def parcel(*templates: str, lang: Lang = "vi", **more: Any) -> Parcel:
    notices = [written_notice(template, **more) for template in templates or ("arrived",)]
    return Parcel(UUID("6a0d8d34-6d0e-4d56-8c0c-2f6d1ab4a001"), TO, lang, notices)


def test_a_notice_arrives_with_what_happened_where_and_a_link() -> None:
    with mail_server() as mailbox:
        said = channel(mailbox.port).send(parcel())
    (message,) = mailbox.messages
    assert said == "taken by 127.0.0.1"
    assert message["Subject"] == "[LiênCấp] Có việc mới chuyển đến cơ quan"
    assert message["To"] == TO
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"] == "<6a0d8d34-6d0e-4d56-8c0c-2f6d1ab4a001@thanhhoa.example>"
    text = message.get_content()
    assert "Thôn, bản không có hoặc yếu sóng di động · Xã Bát Mọt · số theo dõi 0b0e0f52" in text
    assert f"{URL}/tinh/de-xuat/0b0e0f52-7ed3-4b62-9d8f-0ad3b2b3c002" in text
    assert "14/10/2025 12:00" in text


def test_several_notices_are_one_message() -> None:
    message = channel(1).compose(parcel("arrived", "disputed", "returned"))
    assert message["Subject"] == "[LiênCấp] 3 thông báo mới"
    assert message.get_content().count("số theo dõi 0b0e0f52") == 3


def test_it_speaks_the_language_of_the_subscription() -> None:
    message = channel(1).compose(parcel("answered", lang="en", detail="refused", urgent=True))
    assert message["Subject"] == "[LiênCấp] There is an answer: Refused"
    assert re.search(r"^- \[\w+\] There is an answer", message.get_content(), re.MULTILINE)


def test_starttls_with_a_sign_in(certificate: Certificate) -> None:
    secured: dict[str, Any] = {"security": "starttls", "ca_file": certificate.certificate}
    with mail_server(starttls=certificate) as mailbox:
        channel(mailbox.port, user=USER, password=PASSWORD, **secured).send(parcel())
        with pytest.raises(Undelivered) as refused:
            channel(mailbox.port, user=USER, password="wrong", **secured).send(parcel())
        with pytest.raises(Undelivered, match="ASCII only"):
            channel(mailbox.port, user=USER, password="mật khẩu", **secured).send(parcel())
        with pytest.raises(Undelivered) as unknown:
            channel(mailbox.port, user=USER, password=PASSWORD, security="starttls").send(parcel())
    assert len(mailbox.messages) == 1
    assert "535" in refused.value.message
    assert not refused.value.lasting
    assert "CERTIFICATE_VERIFY_FAILED" in unknown.value.message


def test_tls_from_the_first_byte(certificate: Certificate) -> None:
    with mail_server(tls=certificate) as mailbox:
        channel(mailbox.port, security="tls", ca_file=certificate.certificate).send(parcel())
    assert len(mailbox.messages) == 1


@pytest.mark.parametrize(
    ("said", "lasting"), [("550 no such mailbox", True), ("450 try again", False), ("452 full", False)]
)
def test_a_refused_address_is_lasting_only_where_the_server_says_so(said: str, lasting: bool) -> None:
    with mail_server() as mailbox:
        mailbox.refuses = lambda _: said
        with pytest.raises(Undelivered, match=said[:3]) as refused:
            channel(mailbox.port).send(parcel())
    assert refused.value.lasting is lasting


def test_a_server_that_is_away_is_waited_for() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(Undelivered, match="ConnectionRefused") as refused:
        channel(port).send(parcel())
    assert not refused.value.lasting


def test_a_server_that_says_nothing_is_given_up_after_the_time_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        server = MailServer("127.0.0.1", silent.getsockname()[1], "none", "a@b.example", timeout=0.2)
        with pytest.raises(Undelivered, match=r"(?i)time"):
            MailChannel(server, wording(), URL, lambda: NOON).send(parcel())
