"""The e-mail channel against a real SMTP server."""

import re
import ssl
from collections.abc import AsyncIterator
from email import message_from_bytes
from email.policy import SMTP
from email.utils import parsedate_to_datetime

import pytest
from pydantic import ValidationError

from alerts.channels.email import EmailChannel, EmailSpec
from alerts.channels.email_message import build_mail
from alerts.errors import (
    ReceiverBroken,
    SendError,
    SendFailed,
    SendRejected,
    SendUncertain,
)
from alerts.notification import Receipt
from tests.alerts.channels.samples import (
    AT,
    EVENT_ID,
    LOCAL_TIME,
    everything_said_by,
    message,
    notification,
    now,
)
from tests.doubles.smtp import Authority, Encryption, Fault, SmtpDouble

USER, PASSWORD = "me", "CANARY-password"
ME, YOU = "me@example.org", "you@example.org"


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture
async def smtp(authority: Authority) -> AsyncIterator[SmtpDouble]:
    double = SmtpDouble(tls=authority.server_context(), login=(USER, PASSWORD))
    async with double:
        yield double


def spec(double: SmtpDouble, **keys: object) -> EmailSpec:
    return EmailSpec.model_validate(
        {
            "kind": "email",
            "host": double.host,
            "port": double.port,
            "user": USER,
            "password": PASSWORD,
            "from": "levelwatch <levelwatch@example.org>",
            "to": [ME],
            **keys,
        }
    )


def open_channel(
    double: SmtpDouble, trusted: ssl.SSLContext, **keys: object
) -> EmailChannel:
    return EmailChannel(spec(double, **keys), now=now, tls=trusted, timeout=0.5)


@pytest.fixture
def channel(smtp: SmtpDouble, authority: Authority) -> EmailChannel:
    return open_channel(smtp, authority.client_context())


async def test_a_mail_arrives_encrypted_and_logged_in(
    channel: EmailChannel, smtp: SmtpDouble
) -> None:
    receipt = await channel.send(notification())

    assert receipt == Receipt(reference=EVENT_ID)
    (mail,) = smtp.mails
    assert mail.encrypted
    assert mail.user == USER
    assert mail.sender == "levelwatch@example.org"
    assert mail.recipients == (ME,)


async def test_its_headers_thread_file_and_silence_robots(
    channel: EmailChannel, smtp: SmtpDouble
) -> None:
    await channel.send(notification())

    head = smtp.mails[0].message
    assert head["Subject"] == "BNB/USD fell below 637.0 — 636.9"
    assert head["From"] == "levelwatch <levelwatch@example.org>"
    assert head["To"] == ME
    assert head["Message-ID"] == f"<{EVENT_ID}@example.org>"
    # The first 16 hex digits of sha256("bnb-lost").
    assert head["In-Reply-To"] == "<thread.3dd79c716cd18c04@example.org>"
    assert head["References"] == head["In-Reply-To"]
    assert head["List-Id"] == "levelwatch <levelwatch.example.org>"
    assert head["Auto-Submitted"] == "auto-generated"
    assert head["X-Auto-Response-Suppress"] == "All"
    assert parsedate_to_datetime(head["Date"]).timestamp() == AT / 1000


async def test_its_text_reads_like_this(
    channel: EmailChannel, smtp: SmtpDouble
) -> None:
    await channel.send(notification(in_doubt=True, late_by=12 * 60_000))

    assert smtp.mails[0].plain == (
        "BNB/USD fell below 637.0 — 636.9\n"
        "LATE by 12 min\n"
        "↻ may be a repeat · id ab12cd\n"
        "\n"
        "the support that the May note leaned on\n"
        "636.9 is 0.02 % (0.1) below 637.0\n"
        f"kraken · {LOCAL_TIME}\n"
        "\n"
        "bnb-lost · id ab12cd\n"
    )


async def test_its_html_says_the_same_and_escapes_it(
    channel: EmailChannel, smtp: SmtpDouble
) -> None:
    told = message(title='<b>&"', lines=("<script>",), thread="</div>")

    await channel.send(notification(told, late_by=60_000))

    html = smtp.mails[0].html
    assert "<b>&lt;b&gt;&amp;&quot;</b>" in html
    assert "<b>LATE by 1 min</b>" in html
    assert "&lt;script&gt;" in html
    assert "<script>" not in html
    assert "&lt;/div&gt; · id ab12cd" in html


async def test_line_breaks_in_a_title_make_no_headers(
    channel: EmailChannel, smtp: SmtpDouble
) -> None:
    await channel.send(notification(message(title="a\r\nBcc: x@example.org")))

    head = smtp.mails[0].message
    assert head["Subject"] == "a Bcc: x@example.org"
    assert head["Bcc"] is None


async def test_long_and_foreign_titles_and_lines_arrive(
    channel: EmailChannel, smtp: SmtpDouble
) -> None:
    told = message(title="価格🚀 " * 40, lines=("x" * 5_000, "a\ud800b", "."))

    await channel.send(notification(told))

    assert smtp.mails[0].message["Subject"] == ("価格🚀 " * 40).strip()
    assert "x" * 5_000 in smtp.mails[0].plain
    assert "\n.\n" in smtp.mails[0].plain
    assert max(map(len, smtp.mails[0].raw.split(b"\r\n"))) <= 998


@pytest.mark.parametrize("width", range(1, 90))
def test_no_space_is_lost_where_a_subject_is_folded(width: int) -> None:
    title = f"{'x' * width} — × — 價 {'y' * 40} — rose above 637.0 — 636.9"

    mail = build_mail(
        notification(message(title=title)), sender=ME, recipient=YOU, now=AT
    )

    assert message_from_bytes(mail, policy=SMTP)["Subject"] == title


async def test_every_recipient_gets_a_mail_of_their_own(
    smtp: SmtpDouble, authority: Authority
) -> None:
    channel = open_channel(smtp, authority.client_context(), to=[ME, YOU])

    await channel.send(notification())

    assert [mail.recipients for mail in smtp.mails] == [(ME,), (YOU,)]
    assert [mail.message["To"] for mail in smtp.mails] == [ME, YOU]
    assert len({mail.message["Message-ID"] for mail in smtp.mails}) == 1


async def test_implicit_tls_is_encrypted_from_the_first_byte(
    authority: Authority,
) -> None:
    double = SmtpDouble(
        encryption="implicit", tls=authority.server_context(), login=(USER, PASSWORD)
    )
    async with double:
        channel = open_channel(double, authority.client_context(), tls="implicit")
        await channel.send(notification())

    assert double.mails[0].encrypted


async def test_a_server_of_this_machine_may_go_without_tls_and_login(
    authority: Authority,
) -> None:
    async with SmtpDouble(encryption="none") as double:
        channel = open_channel(
            double, authority.client_context(), tls="none", user=None, password=None
        )
        await channel.send(notification())

    assert not double.mails[0].encrypted


async def test_without_starttls_neither_password_nor_mail_goes_out(
    authority: Authority,
) -> None:
    async with SmtpDouble(encryption="none", login=(USER, PASSWORD)) as double:
        channel = open_channel(double, authority.client_context())
        with pytest.raises(SendFailed, match="lacks what the configuration asks for"):
            await channel.send(notification())

    assert double.logins == 0
    assert double.commands == 0


async def test_an_unknown_authority_gets_neither_password_nor_mail(
    smtp: SmtpDouble,
) -> None:
    stranger = Authority().client_context()

    with pytest.raises(SendFailed, match="certificate refused"):
        await open_channel(smtp, stranger).send(notification())

    assert (smtp.logins, smtp.commands) == (0, 0)


async def test_a_certificate_for_another_name_is_refused(authority: Authority) -> None:
    double = SmtpDouble(tls=authority.server_context("elsewhere.test"))
    async with double:
        with pytest.raises(SendFailed, match="certificate refused"):
            await open_channel(double, authority.client_context()).send(notification())


@pytest.mark.parametrize(
    ("served", "configured"), [("starttls", "implicit"), ("implicit", "starttls")]
)
async def test_the_wrong_tls_mode_is_a_failure_and_not_a_delivery(
    authority: Authority, served: Encryption, configured: str
) -> None:
    double = SmtpDouble(encryption=served, tls=authority.server_context())
    async with double:
        channel = open_channel(double, authority.client_context(), tls=configured)
        with pytest.raises(SendFailed):
            await channel.send(notification())

    assert double.mails == []


async def test_a_wrong_password_breaks_the_receiver(
    smtp: SmtpDouble, authority: Authority
) -> None:
    channel = open_channel(smtp, authority.client_context(), password="CANARY-wrong")

    with pytest.raises(ReceiverBroken, match="535") as caught:
        await channel.send(notification())

    assert "CANARY" not in everything_said_by(caught.value)
    assert smtp.mails == []


async def test_a_missing_login_breaks_the_receiver(
    smtp: SmtpDouble, authority: Authority
) -> None:
    channel = open_channel(smtp, authority.client_context(), user=None, password=None)

    with pytest.raises(ReceiverBroken, match="530"):
        await channel.send(notification())


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(at="MAIL", reply="451 try later"), SendFailed),
        (Fault(at="RCPT", reply="450 greylisted"), SendFailed),
        (Fault(at="RCPT", reply="452 mailbox full"), SendFailed),
        (Fault(at="DATA", reply="451 try later"), SendFailed),
        (Fault(at="MAIL", reply="421 shutting down"), SendFailed),
        (Fault(at="MAIL", reply="550 not you"), ReceiverBroken),
        (Fault(at="RCPT", reply="550 no such user"), SendRejected),
        (Fault(at="DATA", reply="554 looks like spam"), SendRejected),
        (Fault(at="MAIL", reply=None), SendFailed),
        (Fault(at="RCPT", reply=None), SendFailed),
        (Fault(at="DATA", reply=None), SendUncertain),
        (Fault(at="DATA", reply=None, stored=True), SendUncertain),
    ],
)
async def test_a_failure_is_classed_by_code_and_by_how_far_it_came(
    channel: EmailChannel, smtp: SmtpDouble, fault: Fault, error: type[SendError]
) -> None:
    smtp.faults.append(fault)

    with pytest.raises(SendError) as caught:
        await channel.send(notification())

    assert type(caught.value) is error
    told = everything_said_by(caught.value)
    assert "CANARY" not in told
    assert len(smtp.mails) == (1 if fault.stored else 0)


async def test_a_repeat_after_doubt_bears_the_same_message_id(
    channel: EmailChannel, smtp: SmtpDouble
) -> None:
    smtp.faults.append(Fault(at="DATA", reply=None, stored=True))

    with pytest.raises(SendUncertain):
        await channel.send(notification())
    await channel.send(notification(in_doubt=True))

    assert [mail.message["Message-ID"] for mail in smtp.mails] == (
        [f"<{EVENT_ID}@example.org>"] * 2
    )


async def test_a_server_that_is_down_certainly_has_nothing(
    channel: EmailChannel, smtp: SmtpDouble
) -> None:
    await smtp.stop()

    with pytest.raises(SendFailed, match="connection refused") as caught:
        await channel.send(notification())

    assert "CANARY" not in everything_said_by(caught.value)
    await smtp.start()
    await channel.send(notification())
    assert len(smtp.mails) == 1


@pytest.mark.parametrize("reply", ["450 later", "550 no such user"])
async def test_one_refused_recipient_does_not_cost_the_others_their_mail(
    smtp: SmtpDouble, authority: Authority, reply: str
) -> None:
    channel = open_channel(smtp, authority.client_context(), to=[ME, YOU])
    smtp.faults.append(Fault(at="RCPT", reply=reply, recipient=ME))

    with pytest.raises(SendError, match=r"\(1 of 2 recipients have it\)"):
        await channel.send(notification())

    assert [mail.recipients for mail in smtp.mails] == [(YOU,)]


async def test_another_attempt_goes_only_to_those_who_have_not_got_it(
    smtp: SmtpDouble, authority: Authority
) -> None:
    channel = open_channel(smtp, authority.client_context(), to=[ME, YOU])
    smtp.faults.append(Fault(at="RCPT", reply="450 later", recipient=YOU))

    with pytest.raises(SendFailed):
        await channel.send(notification())
    await channel.send(notification())
    await channel.send(notification(message(event_id="another")))

    assert [mail.recipients for mail in smtp.mails] == [(ME,), (YOU,), (ME,), (YOU,)]


async def test_doubt_about_one_recipient_outweighs_a_refusal_of_another(
    smtp: SmtpDouble, authority: Authority
) -> None:
    channel = open_channel(smtp, authority.client_context(), to=[ME, YOU])
    smtp.faults.append(Fault(at="RCPT", reply="550 no such user", recipient=ME))
    smtp.faults.append(Fault(at="DATA", reply=None))

    with pytest.raises(SendUncertain):
        await channel.send(notification())


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"user": "me", "password": None}, "go together"),
        ({"user": None, "password": "x"}, "go together"),
        ({"tls": "none", "host": "mail.example.org"}, "in the clear"),
        ({"to": []}, "at least 1"),
        ({"to": ["me"]}, "is not an address"),
        ({"to": ["a@b, c@d"]}, "is not an address"),
        ({"to": ["a@b\r\nBcc: c@d"]}, "on one line"),
        ({"from": "me@exämple.org"}, "plain letters"),
        ({"port": 0}, "greater than"),
        ({"tls": "ssl"}, "starttls"),
        ({"host": ""}, "at least 1"),
        ({"password": ""}, "at least 1"),
        ({"cc": "x"}, "Extra inputs"),
    ],
)
def test_a_mistake_is_found_before_anything_is_sent(
    keys: dict[str, object], told: str
) -> None:
    with pytest.raises(ValidationError, match=told) as caught:
        spec(SmtpDouble(), **{"port": 587, **keys})

    assert "CANARY" not in str(caught.value)


def test_a_spec_shows_no_secret() -> None:
    shown = spec(SmtpDouble(), port=587)

    assert "CANARY" not in f"{shown!r}{shown}{shown.model_dump()}"


def test_this_machines_name_stands_nowhere_in_a_mail() -> None:
    mail = build_mail(notification(), sender=ME, recipient=YOU, now=AT)

    ids = re.findall(rb"@([^>\s]+)>", mail)
    assert ids == [b"example.org"] * 3
