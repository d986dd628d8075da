"""What the service manager hears, over a real datagram socket."""

import logging
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.systemd import Notifier


class Manager:
    """The manager's end of the line."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind(address.replace("@", "\0"))

    def heard(self) -> list[str]:
        """The datagrams since the last call, oldest first."""
        datagrams = []
        while True:
            try:
                datagrams.append(self._socket.recv(4096).decode())
            except BlockingIOError:
                return datagrams

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Manager]:
    path = str(tmp_path / "notify")
    abstract = f"@levelwatch-test-{os.getpid()}"
    manager = Manager(path if request.param == "path" else abstract)
    yield manager
    manager.close()


def notifier(manager: Manager) -> Notifier:
    return Notifier.from_environment({"NOTIFY_SOCKET": manager.address}, pid=1)


def test_a_life_is_told_in_order(manager: Manager) -> None:
    line = notifier(manager)

    line.status("opening the database")
    line.ready("watching 4 instruments")
    line.watchdog()
    line.stopping()

    assert manager.heard() == [
        "STATUS=opening the database",
        "READY=1\nSTATUS=watching 4 instruments",
        "WATCHDOG=1",
        "STOPPING=1",
    ]


def test_a_reload_begins_with_its_time_in_the_same_datagram(manager: Manager) -> None:
    line = notifier(manager)

    line.reloading(monotonic=12.345678)
    line.ready()

    assert manager.heard() == ["RELOADING=1\nMONOTONIC_USEC=12345678", "READY=1"]


def test_a_status_cannot_smuggle_in_another_field(manager: Manager) -> None:
    notifier(manager).status("price of\nMAINPID=1\r\n BNB")

    assert manager.heard() == ["STATUS=price of MAINPID=1 BNB"]


def test_an_empty_status_is_no_message(manager: Manager) -> None:
    notifier(manager).status(" \n")

    assert manager.heard() == []


def test_long_pauses_between_polls_are_asked_for(manager: Manager) -> None:
    environ = {"NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": "60000000"}
    line = Notifier.from_environment(environ, pid=1)

    line.expect(46.0)
    line.expect(321.0)

    assert manager.heard() == ["WATCHDOG_USEC=321000000"]


def test_who_is_not_watched_asks_for_no_patience(manager: Manager) -> None:
    notifier(manager).expect(3600.0)

    assert manager.heard() == []


def test_without_a_manager_nothing_is_sent_and_nothing_fails() -> None:
    line = Notifier.from_environment({}, pid=1)

    line.ready("up")
    line.reloading(monotonic=1.0)
    line.watchdog()
    line.stopping()

    assert line.watchdog_interval is None


def test_a_manager_that_is_gone_is_logged_and_does_not_stop_us(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    Notifier(str(tmp_path / "gone")).ready()

    assert "could not tell the service manager READY=1" in caplog.text


def test_an_address_of_another_kind_is_named_once_and_not_used(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        Notifier.from_environment({"NOTIFY_SOCKET": "vsock:2:1234"}, pid=1).ready()

    assert len(caplog.records) == 1
    assert "neither a path nor an abstract socket" in caplog.text


@pytest.mark.parametrize(
    ("environ", "interval"),
    [
        ({"WATCHDOG_USEC": "60000000"}, 60.0),
        ({"WATCHDOG_USEC": "2500000", "WATCHDOG_PID": "42"}, 2.5),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "43"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({"WATCHDOG_PID": "42"}, None),
        ({}, None),
    ],
)
def test_the_watchdog_interval_is_ours_only(
    environ: dict[str, str], interval: float | None
) -> None:
    assert Notifier.from_environment(environ, pid=42).watchdog_interval == interval
