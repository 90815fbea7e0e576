"""The code archive: where it comes from, and that nothing of it lands outside of its directory."""

import io
import random
import tarfile

import pytest

from millrace_toolkit.code import place_code, unpack
from millrace_toolkit.failures import CustomerError


def member(name, content=b"", **attributes):
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for key, value in attributes.items():
        setattr(info, key, value)
    return info, content


def archive(path, *members, mode="w:gz"):
    with tarfile.open(path, mode) as tar:
        for info, content in members:
            tar.addfile(info, io.BytesIO(content))
    return path


def test_an_archive_is_unpacked_with_its_folders_links_and_executables(tmp_path):
    path = archive(tmp_path / "a.tar.gz", member("./", type=tarfile.DIRTYPE), member("./lib", type=tarfile.DIRTYPE), member("./lib/x.py", b"X = 1\n"),
                   member("train.py", b"import lib.x\n"), member("go", b"#!/bin/sh\n", mode=0o755),
                   member("again.py", type=tarfile.SYMTYPE, linkname="lib/x.py"),
                   member("hard.py", type=tarfile.LNKTYPE, linkname="lib/x.py"))
    place_code(str(path), "train.py", tmp_path / "code")
    code = tmp_path / "code"
    assert (code / "lib/x.py").read_text() == (code / "again.py").read_text() == (code / "hard.py").read_text() == "X = 1\n"
    assert (code / "go").stat().st_mode & 0o111 and not (code / "train.py").stat().st_mode & 0o111


@pytest.mark.parametrize("members, why", [
    ([member("../out.py", b"x")], "would lie outside of the code directory"),
    ([member("/etc/out.py", b"x")], "would lie outside of the code directory"),
    ([member("a/../../out.py", b"x")], "would lie outside of the code directory"),
    ([member("way", type=tarfile.SYMTYPE, linkname="/etc")], "is a link to '/etc', outside of the code directory"),
    ([member("way", type=tarfile.SYMTYPE, linkname="../..")], "is a link to '../..', outside of the code directory"),
    ([member("here", type=tarfile.SYMTYPE, linkname="."), member("here/up", type=tarfile.SYMTYPE, linkname="..")],
     "is a link to '..', outside of the code directory"),
    ([member("way", type=tarfile.LNKTYPE, linkname="../../etc/passwd")], "which is no file of the archive before it"),
    ([member("device", type=tarfile.CHRTYPE)], "is neither a file nor a directory nor a link"),
    ([member("fifo", type=tarfile.FIFOTYPE)], "is neither a file nor a directory nor a link"),
    ([member(".", b"x")], "would lie outside of the code directory")])
def test_a_member_that_leads_outside_is_refused(tmp_path, members, why):
    path = archive(tmp_path / "a.tar.gz", *members)
    (tmp_path / "code").mkdir()
    with pytest.raises(CustomerError) as refusal:
        unpack(path, "s3://b/a.tar.gz", tmp_path / "code")
    assert why in str(refusal.value) and str(refusal.value).startswith("s3://b/a.tar.gz: member ")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.tar.gz", "code"]


def test_a_damaged_archive_says_so(tmp_path):
    path = archive(tmp_path / "a.tar.gz", member("train.py", bytes(range(256)) * 2000))
    path.write_bytes(path.read_bytes()[:-900])
    with pytest.raises(CustomerError, match="is damaged"):
        place_code(str(path), "train.py", tmp_path / "code")


@pytest.mark.parametrize("mode", ["w:gz", "w:bz2", "w:xz"])
def test_an_archive_with_wrong_bytes_in_its_middle_says_so(tmp_path, mode):
    path = archive(tmp_path / "a.tar", member("train.py", bytes(random.Random(1).choices(b"abcdef", k=100_000))), mode=mode)
    content = bytearray(path.read_bytes())
    content[20_000:22_000] = b"\xff" * 2000
    path.write_bytes(content)
    with pytest.raises(CustomerError, match="is damaged"):
        unpack(path, "s3://b/a.tar", tmp_path)


def test_a_directory_or_a_single_script_will_do(tmp_path):
    (tmp_path / "source").mkdir()
    (tmp_path / "source/train.py").write_text("1")
    place_code(str(tmp_path / "source"), "train.py", tmp_path / "one")
    place_code(str(tmp_path / "source/train.py"), "train.py", tmp_path / "two")
    assert (tmp_path / "one/train.py").read_text() == (tmp_path / "two/train.py").read_text() == "1"


def test_code_that_lies_there_already_is_not_fetched(tmp_path):
    (tmp_path / "train.py").write_text("mine")
    place_code("s3://nowhere/at/all.tar.gz", "train.py", tmp_path)
    assert (tmp_path / "train.py").read_text() == "mine"
