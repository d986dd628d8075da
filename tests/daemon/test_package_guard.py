"""Environments in order, and environments mixed with someone else's packages."""

from pathlib import Path

import pytest

from daemon.package_guard import (
    PACKAGES,
    PackageConflict,
    check_packages,
    find_conflicts,
)


def install(site: Path, name: str, *, owns: str, metadata: str = "RECORD") -> None:
    """Lay down what an installer would: only the folder of metadata."""
    info = site / f"{name.replace('-', '_')}-3.1.2.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {name}\nVersion: 3.1.2\n"
    )
    (info / metadata).write_text(owns)


def lay_packages(site: Path, names: tuple[str, ...] = PACKAGES) -> None:
    for name in names:
        (site / name).mkdir(parents=True)
        (site / name / "__init__.py").touch()


WHEEL = "".join(f"{name}/__init__.py,sha256=x,0\n" for name in PACKAGES)


def test_an_installed_wheel_is_in_order(tmp_path: Path) -> None:
    lay_packages(tmp_path)
    install(tmp_path, "levelwatch", owns=WHEEL)

    assert find_conflicts([str(tmp_path)]) == ()


def test_an_editable_install_is_in_order(tmp_path: Path) -> None:
    site, checkout = tmp_path / "site", tmp_path / "checkout"
    lay_packages(checkout)
    install(site, "Levelwatch", owns="_levelwatch.pth,sha256=x,0\n")

    assert find_conflicts([str(site), str(checkout)]) == ()


def test_a_checkout_that_hides_an_installed_wheel_is_in_order(tmp_path: Path) -> None:
    site, checkout = tmp_path / "site", tmp_path / "checkout"
    lay_packages(checkout)
    lay_packages(site)
    install(site, "levelwatch", owns=WHEEL)

    assert find_conflicts([str(checkout), str(site)]) == ()


def test_these_tests_run_in_an_environment_in_order() -> None:
    check_packages()


@pytest.mark.parametrize(
    ("metadata", "owns"),
    [
        ("RECORD", "daemon/__init__.py,sha256=x,0\ndaemon/pidfile.py,sha256=y,0\n"),
        ("RECORD", "lockfile.py,,\ndaemon.py,sha256=x,0\n"),
        ("top_level.txt", "daemon\n"),
        ("installed-files.txt", "../daemon/__init__.py\n"),
    ],
)
def test_another_owner_of_one_of_our_names_is_refused(
    tmp_path: Path, metadata: str, owns: str
) -> None:
    lay_packages(tmp_path)
    install(tmp_path, "levelwatch", owns=WHEEL)
    install(tmp_path, "python-daemon", owns=owns, metadata=metadata)

    with pytest.raises(PackageConflict) as refused:
        check_packages([str(tmp_path)])

    assert str(refused.value) == (
        '"python-daemon 3.1.2" also installs the package "daemon"; '
        "one of the two has overwritten the other, or hides it\n"
        "Install levelwatch into a virtual environment of its own: "
        "python3 -m venv DIR, without --system-site-packages."
    )


@pytest.mark.parametrize(
    "owns", ["daemonize/__init__.py,,\n", "lib/daemon/x.py,,\n", "marketing.py,,\n"]
)
def test_a_name_that_only_looks_like_ours_is_no_conflict(
    tmp_path: Path, owns: str
) -> None:
    lay_packages(tmp_path)
    install(tmp_path, "other", owns=owns)

    assert find_conflicts([str(tmp_path)]) == ()


def test_a_package_without_its_init_was_damaged_by_an_uninstallation(
    tmp_path: Path,
) -> None:
    lay_packages(tmp_path)
    (tmp_path / "daemon" / "__init__.py").unlink()

    (conflict,) = find_conflicts([str(tmp_path)])

    assert conflict.startswith('the package "daemon" is incomplete or missing')
    assert conflict.endswith("reinstall levelwatch")


def test_a_folder_of_the_same_name_that_comes_first_is_noticed(tmp_path: Path) -> None:
    site, working = tmp_path / "site", tmp_path / "working"
    lay_packages(site)
    lay_packages(working, ("storage",))

    (conflict,) = find_conflicts([str(working), str(site)])

    assert conflict == (
        f'the package "storage" is found in {working}, but "market" in {site}'
    )
