"""A mail server on aiosmtpd: STARTTLS or implicit TLS, login, faults at run time."""

import asyncio
import ssl
from collections import deque
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType
from typing import Any, Literal, Self, cast

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

Stage = Literal["MAIL", "RCPT", "DATA"]
Encryption = Literal["starttls", "implicit", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What one command meets.

    Attributes:
        at: the command.
        reply: "451 try later"; None: nothing is ever said.
        recipient: for RCPT, whom it concerns; None for everybody.
        stored: for DATA, the mail is taken all the same.
    """

    at: Stage
    reply: str | None
    recipient: str | None = None
    stored: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail that was taken."""

    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage
    raw: bytes
    encrypted: bool
    user: str | None

    @property
    def plain(self) -> str:
        """The text part, line ends as "\\n"."""
        return self._part("plain")

    @property
    def html(self) -> str:
        """The HTML part."""
        return self._part("html")

    def _part(self, subtype: str) -> str:
        part = self.message.get_body((subtype,))
        assert part is not None
        return cast("str", part.get_content()).replace("\r\n", "\n")


class Authority:
    """A certificate authority for one test: nobody else trusts it."""

    def __init__(self) -> None:
        self._ca = trustme.CA()

    def server_context(self, name: str = "localhost") -> ssl.SSLContext:
        """What a server called `name` shows."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._ca.issue_cert(name).configure_cert(context)
        return context

    def client_context(self) -> ssl.SSLContext:
        """Trusts this authority and verifies names."""
        context = ssl.create_default_context()
        self._ca.configure_trust(context)
        return context

    def pem(self) -> bytes:
        """The root's certificate, for SSL_CERT_FILE of a process."""
        return self._ca.cert_pem.bytes()


class SmtpDouble:
    """Serves on loopback between `async with` and its end.

    Attributes:
        host, port: where.
        mails: what was taken, in order.
        faults: each is used up by the first command that it fits.
        outage: the reply to every MAIL while it is set.
        commands: mails begun, taken or not.
        logins: tried, right or wrong.
    """

    def __init__(
        self,
        *,
        encryption: Encryption = "starttls",
        tls: ssl.SSLContext | None = None,
        login: tuple[str, str] | None = None,
    ) -> None:
        """Take the server's certificate and the only login it knows.

        Args:
            encryption: "starttls" with `tls = None` is a server that offers none.
        """
        self.host = "localhost"
        self.port = 0
        self.mails: list[Mail] = []
        self.faults: deque[Fault] = deque()
        self.outage: str | None = None
        self.commands = 0
        self.logins = 0
        self._encryption = encryption
        self._tls = tls
        self._login = login
        self._server: asyncio.Server | None = None
        self._sessions: set[_Server] = set()
        self._news = asyncio.Event()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen; after a `stop`, on the same port again."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            self._build_session,
            "127.0.0.1",
            self.port,
            ssl=self._tls if self._encryption == "implicit" else None,
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Drop all connections and refuse new ones."""
        if self._server is None:
            return
        self._server.close()
        for session in self._sessions:
            session.drop()
        self._sessions.clear()
        await self._server.wait_closed()
        self._server = None

    async def wait_for(self, count: int, within: float = 30.0) -> list[Mail]:
        """The mails, as soon as there are that many.

        Raises:
            TimeoutError: with how many there were.
        """
        try:
            async with asyncio.timeout(within):
                while len(self.mails) < count:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            got = len(self.mails)
            raise TimeoutError(f"{got} of {count} mails came") from None
        return self.mails

    def _build_session(self) -> "_Server":
        starttls = self._encryption == "starttls"
        session = _Server(
            self,
            hostname="double",
            tls_context=self._tls if starttls else None,
            require_starttls=starttls and self._tls is not None,
            auth_require_tls=self._encryption == "starttls",
            authenticator=self._authenticate if self._login else None,
            enable_SMTPUTF8=True,
        )
        self._sessions.add(session)
        return session

    def _authenticate(
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        mechanism: str,
        data: Any,  # noqa: ANN401  aiosmtpd's own word for it
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins += 1
        given = (data.login.decode(), data.password.decode())
        return AuthResult(
            success=given == self._login, handled=False, auth_data=given[0]
        )

    def _fault(self, stage: Stage, recipient: str | None = None) -> Fault | None:
        for fault in self.faults:
            if fault.at == stage and fault.recipient in {None, recipient}:
                self.faults.remove(fault)
                return fault
        return None

    async def _reply(self, fault: Fault) -> str:
        if fault.reply is None:
            await asyncio.Event().wait()
        assert fault.reply is not None
        return fault.reply

    async def handle_MAIL(  # noqa: N802  aiosmtpd finds it by this name
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        self.commands += 1
        # aiosmtpd's own demand warns wherever the login may be seen by others.
        if self._login is not None and not session.authenticated:
            return "530 5.7.0 Authentication required"
        if self.outage is not None:
            return self.outage
        fault = self._fault("MAIL")
        if fault is not None:
            return await self._reply(fault)
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802  aiosmtpd finds it by this name
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        fault = self._fault("RCPT", address)
        if fault is not None:
            return await self._reply(fault)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802  aiosmtpd finds it by this name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        fault = self._fault("DATA")
        if fault is None or fault.stored:
            self._take(session, envelope)
        return "250 OK" if fault is None else await self._reply(fault)

    def _take(self, session: Session, envelope: Envelope) -> None:
        raw = envelope.original_content or b""
        message = message_from_bytes(raw, policy=policy.SMTP)
        assert isinstance(message, EmailMessage)
        self.mails.append(
            Mail(
                sender=envelope.mail_from or "",
                recipients=tuple(str(address) for address in envelope.rcpt_tos),
                message=message,
                raw=raw,
                encrypted=session.ssl is not None or self._encryption == "implicit",
                user=session.auth_data,
            )
        )
        self._news.set()


class _Server(SMTP):
    """One connection, which can be dropped from outside."""

    def drop(self) -> None:
        if isinstance(self.transport, asyncio.Transport):
            self.transport.abort()
