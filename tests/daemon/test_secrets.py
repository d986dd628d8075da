"""Where a secret is looked for, and what is said when it cannot be had."""

from pathlib import Path

import pytest

from daemon.secrets import SecretMissing, SecretStore


@pytest.fixture
def env_file(tmp_path: Path) -> Path:
    path = tmp_path / ".env"
    path.write_text("TOKEN=from .env\nEMPTY=\nDOLLAR='a${HOME}$b # c'\n")
    path.chmod(0o600)
    return path


def test_the_four_places_are_asked_in_order(tmp_path: Path, env_file: Path) -> None:
    (tmp_path / "TOKEN").write_text("from systemd\n")
    (tmp_path / "file").write_text("from a file\n")
    environ = {
        "CREDENTIALS_DIRECTORY": str(tmp_path),
        "TOKEN_FILE": str(tmp_path / "file"),
        "TOKEN": "from the environment",
    }

    found = []
    for place in ("CREDENTIALS_DIRECTORY", "TOKEN_FILE", "TOKEN"):
        found.append(SecretStore(environ, env_file).get("TOKEN"))
        del environ[place]
    found.append(SecretStore(environ, env_file).get("TOKEN"))

    assert found == ["from systemd", "from a file", "from the environment", "from .env"]


def test_only_one_newline_at_the_end_is_not_part_of_the_secret(tmp_path: Path) -> None:
    (tmp_path / "file").write_text(" two lines\n\n")
    store = SecretStore({"TOKEN_FILE": str(tmp_path / "file")}, tmp_path / ".env")

    assert store.get("TOKEN") == " two lines\n"


def test_a_dollar_sign_in_a_password_is_a_dollar_sign(env_file: Path) -> None:
    assert SecretStore({}, env_file).get("DOLLAR") == "a${HOME}$b # c"


def test_a_missing_secret_says_where_it_was_sought(tmp_path: Path) -> None:
    store = SecretStore({"CREDENTIALS_DIRECTORY": "/run/x"}, tmp_path / ".env")

    with pytest.raises(SecretMissing) as caught:
        store.get("TOKEN")
    assert str(caught.value) == (
        "secret TOKEN not found; looked in $CREDENTIALS_DIRECTORY/TOKEN, "
        f"$TOKEN_FILE, $TOKEN and {tmp_path}/.env"
    )


def test_an_empty_secret_is_a_missing_one(env_file: Path) -> None:
    with pytest.raises(SecretMissing, match="secret EMPTY not found"):
        SecretStore({"EMPTY": ""}, env_file).get("EMPTY")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_an_env_file_that_others_can_use_is_refused(env_file: Path, mode: int) -> None:
    env_file.chmod(mode)

    with pytest.raises(SecretMissing) as caught:
        SecretStore({}, env_file).get("TOKEN")
    assert str(caught.value) == (
        f"{env_file} can be read by others; make it private: chmod 600 {env_file}"
    )


def test_an_env_file_is_not_even_opened_when_it_is_not_needed(env_file: Path) -> None:
    env_file.chmod(0o644)

    assert SecretStore({"TOKEN": "here"}, env_file).get("TOKEN") == "here"


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A B", "A-B", "9"])
def test_a_name_cannot_lead_out_of_the_credentials(tmp_path: Path, name: str) -> None:
    store = SecretStore({"CREDENTIALS_DIRECTORY": str(tmp_path)}, tmp_path / ".env")

    with pytest.raises(SecretMissing, match="letters, digits and underscores"):
        store.get(name)


def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "gone"
    store = SecretStore({"TOKEN_FILE": str(missing)}, tmp_path / ".env")

    with pytest.raises(SecretMissing) as caught:
        store.get("TOKEN")
    assert str(caught.value) == (
        f"secret TOKEN: cannot read {missing}: No such file or directory"
    )


def test_binary_rubbish_is_no_secret(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_bytes(b"\xff\xfe\x00")
    env_file.chmod(0o600)

    with pytest.raises(SecretMissing, match="it is not UTF-8 text"):
        SecretStore({}, env_file).get("TOKEN")
