"""E-mail: one connection for each notification, one mail for each recipient.

Encryption is what the configuration says and never less: a server that does not
offer STARTTLS gets neither the password nor the mail.
"""

import asyncio
import re
import ssl
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from alerts.channels.email_message import address_of, build_mail
from alerts.channels.http import Http
from alerts.channels.spec import SEND_DEADLINE, ReceiverSpec, Secret
from alerts.channels.tls import build_tls_context
from alerts.errors import (
    ReceiverBroken,
    SendError,
    SendFailed,
    SendRejected,
    SendUncertain,
)
from alerts.notification import Notification, Receipt

if TYPE_CHECKING:
    from aiosmtplib import SMTP

TIMEOUT = 20.0
"""Seconds for each answer of the server."""
_REMEMBERED = 1000
"""Notifications of which it is known who has them already."""
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_ADDRESS = r"[^\s@<>,;:\"\\()\[\]]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?"
_MAILBOX = re.compile(rf"{_ADDRESS}|[^@<>,;:\"\\()\[\]]+ <{_ADDRESS}>")
_OWN_NAME = "[127.0.0.1]"
"""Said in EHLO, as mail programs do: the machine's name is nobody's business, and
finding it out may ask the DNS and block."""


class TlsMode(StrEnum):
    """How the connection is encrypted."""

    STARTTLS = "starttls"
    """Plain at first, then upgraded, or given up. Usually port 587."""
    IMPLICIT = "implicit"
    """Encrypted from the first byte. Usually port 465."""
    NONE = "none"
    """Not at all: for a mail server on this machine."""


def _check_mailbox(text: str) -> str:
    if not text.isprintable() or not text.isascii():
        raise ValueError("is not an address of plain letters on one line")
    if not _MAILBOX.fullmatch(text):
        raise ValueError('is not an address such as "me@example.org"')
    return text


Mailbox = Annotated[str, AfterValidator(_check_mailbox)]
"""An address, or "Name <address>"."""


class EmailSpec(ReceiverSpec):
    """Mail, handed to an SMTP server."""

    kind: Literal["email"]
    """SMTP."""

    host: Annotated[str, Field(min_length=1, pattern=r"^[^\s/@]+$")]
    """The mail server that takes your mails for sending."""

    port: Annotated[int, Field(ge=1, le=65535)] = 587
    """587 goes with starttls, 465 with implicit."""

    tls: TlsMode = TlsMode.STARTTLS
    """starttls, implicit or none."""

    user: str | None = None
    """For servers that want a login."""

    password: Secret | None = None
    """Goes with `user`."""

    sender: Annotated[Mailbox, Field(alias="from")]
    """The mails' From; its domain stands in their ids."""

    to: Annotated[tuple[Mailbox, ...], Field(min_length=1)]
    """Everyone gets a mail of their own."""

    @model_validator(mode="after")
    def _login_is_whole_and_safe(self) -> Self:
        if (self.user is None) != (self.password is None):
            raise ValueError("user and password go together: give both or none")
        exposed = self.tls is TlsMode.NONE and self.host not in _LOOPBACK
        if self.password is not None and exposed:
            raise ValueError(
                'tls = "none" would send the password in the clear to another '
                'machine; use "starttls" or "implicit"'
            )
        return self

    def open(self, http: Http, now: Callable[[], int]) -> "EmailChannel":
        """Build the channel."""
        del http  # SMTP has connections of its own
        return EmailChannel(self, now=now)


class _Phase(StrEnum):
    CONNECTING = "connecting"
    ADDRESSING = "addressing"
    TRANSMITTING = "transmitting"
    """The mail is on its way, or there: from here on silence is doubt."""


@dataclass(slots=True)
class _Delivery:
    """What has become of one attempt, recipient by recipient."""

    phase: _Phase = _Phase.CONNECTING
    served: set[str] = field(default_factory=set)
    failures: list[SendError] = field(default_factory=list)


class EmailChannel:
    """Hands mails to one server.

    Where some recipients were served and others were not, the notification counts as
    failed, and another attempt of this process goes only to the others.
    """

    def __init__(
        self,
        spec: EmailSpec,
        *,
        now: Callable[[], int],
        tls: ssl.SSLContext | None = None,
        timeout: float = TIMEOUT,
    ) -> None:
        """Take the server and the clock; nothing is opened yet.

        Args:
            now: epoch ms; dates the mails.
            tls: who is trusted; the system's store by default.
            timeout: seconds, for each answer.
        """
        self._spec = spec
        self._now = now
        self._tls = tls
        self._timeout = timeout
        self._served: OrderedDict[str, frozenset[str]] = OrderedDict()

    async def send(self, notification: Notification) -> Receipt:
        """Deliver once to every recipient who has not got it yet.

        Raises:
            SendError: the worst that befell a recipient; see alerts/errors.py.
        """
        event_id = notification.message.event_id
        delivery = _Delivery(served=set(self._served.get(event_id, ())))
        # A value, and raised only here: the frames of aiosmtplib hold the password.
        failure = await self._attempt(notification, delivery)
        if failure is not None:
            self._remember(event_id, delivery.served)
            raise failure
        self._served.pop(event_id, None)
        return Receipt(reference=event_id)

    async def close(self) -> None:
        """Nothing to give back: connections do not outlive a send."""

    def _remember(self, event_id: str, served: set[str]) -> None:
        if served:
            self._served[event_id] = frozenset(served)
        while len(self._served) > _REMEMBERED:
            self._served.popitem(last=False)

    async def _attempt(
        self, notification: Notification, delivery: _Delivery
    ) -> SendError | None:
        try:
            async with asyncio.timeout(SEND_DEADLINE):
                await self._converse(notification, delivery)
        # Everything, as in http.py: raw ssl and socket errors come through aiosmtplib.
        except Exception as exc:  # noqa: BLE001
            delivery.failures.append(translate(exc, self._spec.host, delivery.phase))
        return _worst(delivery, len(self._spec.to))

    async def _converse(self, notification: Notification, delivery: _Delivery) -> None:
        smtp = self._client()
        try:
            await self._connect(smtp)
            for recipient in self._spec.to:
                if recipient not in delivery.served:
                    await self._hand_over(smtp, notification, recipient, delivery)
            delivery.phase = _Phase.CONNECTING
            # All is said; a server that hangs up instead of answering changes nothing.
            with suppress(Exception):
                await smtp.quit(timeout=2)
        finally:
            smtp.close()

    def _client(self) -> "SMTP":
        from aiosmtplib import SMTP  # noqa: PLC0415  only where mails are sent

        spec = self._spec
        if self._tls is None and spec.tls is not TlsMode.NONE:
            self._tls = build_tls_context()
        return SMTP(
            hostname=spec.host,
            port=spec.port,
            timeout=self._timeout,
            # Never None, which is "as the server likes": sends in clear if it may.
            use_tls=spec.tls is TlsMode.IMPLICIT,
            start_tls=spec.tls is TlsMode.STARTTLS,
            tls_context=self._tls if spec.tls is not TlsMode.NONE else None,
            local_hostname=_OWN_NAME,
        )

    async def _connect(self, smtp: "SMTP") -> None:
        await smtp.connect()
        if self._spec.user is not None and self._spec.password is not None:
            await smtp.login(self._spec.user, self._spec.password.get_secret_value())

    async def _hand_over(
        self,
        smtp: "SMTP",
        notification: Notification,
        recipient: str,
        delivery: _Delivery,
    ) -> None:
        """One mail; what the server says about it concerns this recipient only."""
        from aiosmtplib import SMTPResponseException  # noqa: PLC0415

        mail = build_mail(
            notification, sender=self._spec.sender, recipient=recipient, now=self._now()
        )
        delivery.phase = _Phase.ADDRESSING
        try:
            await smtp.mail(address_of(self._spec.sender))
            await smtp.rcpt(address_of(recipient))
            delivery.phase = _Phase.TRANSMITTING
            await smtp.data(mail)
        except SMTPResponseException as exc:
            delivery.failures.append(translate(exc, self._spec.host, delivery.phase))
            delivery.phase = _Phase.ADDRESSING
            await smtp.rset()
        else:
            delivery.served.add(recipient)


def translate(exc: Exception, host: str, phase: _Phase) -> SendError:
    """Class a failure by the server's code, or by how far the mail had come.

    Args:
        exc: of aiosmtplib or anything below it. Not chained: its frames hold the
            login, and the server's words may repeat it.
    """
    from aiosmtplib import (  # noqa: PLC0415
        SMTPAuthenticationError,
        SMTPResponseException,
        SMTPSenderRefused,
    )

    if isinstance(exc, SMTPResponseException) and exc.code > 0:
        said = f"{host} answered {exc.code}"
        if exc.code < 500:  # noqa: PLR2004
            return SendFailed(f"{said} while {phase}: it asks to try later")
        if isinstance(exc, SMTPAuthenticationError):
            return ReceiverBroken(f"{said}: it does not accept user and password")
        if isinstance(exc, SMTPSenderRefused) or phase is _Phase.CONNECTING:
            return ReceiverBroken(f"{said}: it takes no mail from us")
        return SendRejected(f"{said}: it will not take this mail")
    reason = _reason(exc)
    if phase is _Phase.TRANSMITTING:
        return SendUncertain(f"{host} did not say whether it has the mail: {reason}")
    return SendFailed(f"{host} failed while {phase}: {reason}")


def _reason(exc: BaseException) -> str:
    from aiosmtplib import SMTPException, SMTPNotSupported  # noqa: PLC0415

    # What aiosmtplib raises where the server offers no STARTTLS or no AUTH.
    if type(exc) in {SMTPException, SMTPNotSupported}:
        return "the server lacks what the configuration asks for"
    kind = type(exc).__name__
    link: BaseException | None = exc
    for _ in range(10):
        match link:
            case None:
                break
            case ssl.SSLCertVerificationError():
                return f"{kind}, certificate refused: {link.verify_message}"
            case ssl.SSLError():
                return f"{kind}, TLS failed ({link.reason}): does tls fit the port?"
            case ConnectionRefusedError():
                return f"{kind}, connection refused"
            case _:
                link = link.__cause__ or link.__context__
    return kind


def _worst(delivery: _Delivery, recipients: int) -> SendError | None:
    """What another attempt must know: doubt before delay before refusal."""
    if not delivery.failures:
        return None
    for kind in (SendUncertain, SendFailed, ReceiverBroken, SendRejected):
        for failure in delivery.failures:
            if isinstance(failure, kind):
                return _with_count(failure, len(delivery.served), recipients)
    raise AssertionError(delivery.failures)


def _with_count(failure: SendError, served: int, recipients: int) -> SendError:
    if not served:
        return failure
    told = f"{failure} ({served} of {recipients} recipients have it)"
    # A receiver that serves somebody is not broken.
    kind = SendRejected if isinstance(failure, ReceiverBroken) else type(failure)
    return kind(told)
