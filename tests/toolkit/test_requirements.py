"""requirements.txt: from what is installed, else from the operator's wheels, and never from the network."""

import sys

import pytest

from millrace_toolkit.failures import CommandError
from millrace_toolkit.requirements import RequirementsFile, satisfied
from wheels import make_wheel


@pytest.fixture
def wheels(container):
    directory = container.base / "wheels"
    container.environment["MILLRACE_WHEELS"] = str(directory)
    make_wheel(directory, "subsets", "1.2", {"subsets/__init__.py": "def half(rows):\n    return rows[: len(rows) // 2]\n"},
               requires=["orders>=2"])
    make_wheel(directory, "orders", "2.1", {"orders.py": "FIRST = 'first'\n"})
    return directory


def test_a_wheel_of_the_operators_directory_is_installed_with_what_it_requires(container, wheels):
    container.source("train.py", "import orders, subsets\nprint('half', subsets.half([1, 2, 3, 4]), orders.FIRST)\n")
    container.source("requirements.txt", "--extra-index-url https://wheels.example.com/simple\nsubsets==1.2  # ours\nnumpy\n")
    ran = container.train()
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "half [1, 2] first" in ran.stdout
    assert "requirements.txt, line 1: --extra-index-url https://wheels.example.com/simple is left aside" in ran.stdout
    assert (container.base / "code/.packages/lib").is_dir(), "inside of the job's own code directory"


def test_what_is_installed_needs_neither_wheel_nor_pip(container):
    container.source("train.py", "print('ran')\n")
    container.source("requirements.txt", "numpy>=1\npytest\nno-such-thing; python_version < '3'\n")
    ran = container.train()
    assert ran.returncode == 0, ran.stderr
    assert "requirements.txt: all satisfied by what is installed here" in ran.stdout
    assert not (container.base / "code/.packages").exists()


def test_a_missing_wheel_is_named_with_its_version_and_its_place(container, wheels):
    container.source("train.py", "print('ran')\n")
    container.source("requirements.txt", "subsets==9.9\n")
    ran = container.train()
    assert ran.returncode == 1 and "ran\n" not in ran.stdout
    assert container.failure.startswith(
        'InstallRequirementsError:\nExitCode 1\nErrorMessage "requirements.txt: subsets==9.9 is not installed here, and no '
        f'wheel in {wheels} answers it (there: 1.2). Nothing is fetched from the network: put the wheel of subsets==9.9')
    assert 'Command "/usr/bin/python3 -m pip install --no-index --find-links ' in container.failure


def test_another_file_may_be_named(container, wheels):
    container.source("train.py", "import orders\nprint('orders', orders.FIRST)\n")
    container.source("requirements/extra.txt", "-r more.txt\n")
    container.source("requirements/more.txt", "orders\n")
    container.environment["SAGEMAKER_REQUIREMENTS"] = "requirements/extra.txt"
    ran = container.train()
    assert "orders first" in ran.stdout, ran.stderr
    container.environment["SAGEMAKER_REQUIREMENTS"] = "none.txt"
    assert container.train().returncode == 1
    assert container.failure == "ClientError: SAGEMAKER_REQUIREMENTS: got 'none.txt', expected a file of the code archive."


@pytest.mark.parametrize("line, why", [
    ("subsets @ https://example.com/subsets.whl", "which would be fetched from the network"),
    ("https://example.com/subsets-1.0-py3-none-any.whl", "which would be fetched from the network"),
    ("git+https://example.com/subsets.git", "which would be fetched from the network"),
    ("-e git+ssh://example.com/subsets", "expected a package inside the code archive"),
    ("../elsewhere", "expected a package inside the code archive"),
    ("-r ../other.txt", "expected a requirements file of the code archive"),
    ("--global-option=x", "which is no option that is served here")])
def test_a_line_that_leads_out_of_the_archive_is_refused_with_its_number(tmp_path, line, why):
    (tmp_path / "code").mkdir()
    path = tmp_path / "code/requirements.txt"
    path.write_text("# first\nnumpy \\\n  >=1\n" + line + "\n")
    with pytest.raises(CommandError) as refusal:
        RequirementsFile(path, tmp_path / "code")
    assert why in str(refusal.value)
    assert line.startswith("-r") or "requirements.txt, line 4: " in str(refusal.value)


def test_a_file_that_is_not_utf_8_is_refused_with_its_byte(tmp_path):
    (tmp_path / "requirements.txt").write_bytes("numpy  # für".encode("latin-1"))
    with pytest.raises(CommandError, match="requirements.txt: byte 10 is not UTF-8"):
        RequirementsFile(tmp_path / "requirements.txt", tmp_path)


def test_lines_are_read_as_pip_reads_them(tmp_path):
    path = tmp_path / "requirements.txt"
    path.write_text("\ufeffnumpy \\\n>=1   # a comment\n\n-c limits.txt\ntorch==1.13 --hash=sha256:00\n"
                    "--index-url=https://x.example\n-f wheels\n")
    (tmp_path / "limits.txt").write_text("scipy<2\n")
    file = RequirementsFile(path, tmp_path)
    assert file.wanted == ["numpy >=1", "torch==1.13"] and file.constraints == ["scipy<2"]


def test_requirements_are_held_against_what_is_installed():
    assert satisfied("pytest") and satisfied("PyTest>=1") and satisfied("pytest!=0.1")
    assert not satisfied("pytest<0.1") and not satisfied("no-such-distribution") and not satisfied("pytest @ file:///x.whl")
    assert satisfied("no-such-distribution; sys_platform == 'win32'")
    assert not satisfied("this is no requirement")


def test_a_pre_release_that_is_installed_counts_as_its_release(tmp_path, monkeypatch):
    info = tmp_path / "lantern-1.13.0a0+gitunknown.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: lantern\nVersion: 1.13.0a0+gitunknown\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert satisfied("lantern>=1.13") and satisfied("lantern==1.13.0")
    assert not satisfied("lantern>=1.13.1") and not satisfied("lantern<1.13")


def test_a_machine_without_pip_is_told_to_install_it(monkeypatch):
    for module in [name for name in sys.modules if name.startswith(("packaging.", "pip."))]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "packaging", None)
    monkeypatch.setitem(sys.modules, "pip", None)
    with pytest.raises(CommandError, match="Install Debian's python3-pip on this machine"):
        satisfied("pytest")
