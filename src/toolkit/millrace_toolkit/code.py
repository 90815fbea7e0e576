"""The user's code: fetched from where sagemaker_submit_directory says, and unpacked so that nothing leaves its directory."""

import logging
import lzma
import os
import shutil
import tarfile
import tempfile
import zlib
from pathlib import Path

from millrace_toolkit.failures import CustomerError
from millrace_toolkit.s3 import S3

log = logging.getLogger("millrace-toolkit")


def place_code(source, program, directory):
    """`source` is s3://bucket/key, an archive, a script or a directory. Does nothing where the entry point lies already."""
    directory.mkdir(parents=True, exist_ok=True)
    if (directory / program).is_file():
        log.info("%s is there already: %s is not fetched", program, source)
        return
    if not source:
        raise CustomerError(f"sagemaker_submit_directory is missing, and {directory} holds no {program}. Name the archive with "
                            "the code, s3://bucket/key.")
    if source.startswith("s3://"):
        with tempfile.TemporaryDirectory() as scratch:
            fetched = Path(scratch) / (os.path.basename(source) or "code")
            S3().download(source, fetched)
            _place(fetched, source, directory)
    else:
        _place(Path(source.removeprefix("file://")), source, directory)
    if not (directory / program).is_file():
        there = ", ".join(sorted(entry.name for entry in directory.iterdir())[:20])
        raise CustomerError(f"sagemaker_program: got {program!r}, expected a file of {source}, which holds: {there}. "
                            "Name the script relative to the root of the archive.")


def _place(path, source, directory):
    if path.is_dir():
        shutil.copytree(path, directory, dirs_exist_ok=True, symlinks=True)
    elif not path.exists():
        raise CustomerError(f"sagemaker_submit_directory: got {source!r}, expected an archive or a directory that exists. "
                            "With a channel it lies at /opt/ml/input/data/<channel>/<file>.")
    elif tarfile.is_tarfile(path):
        unpack(path, source, directory)
    else:
        shutil.copy2(path, directory / path.name)


def unpack(archive, source, directory):
    """A tar archive, compressed or not. Refuses members that would lie outside or lead outside, and devices."""
    root = os.path.realpath(directory)
    try:
        with tarfile.open(archive) as tar:
            for member in tar:
                _unpack_member(tar, member, root, source)
            while tar.fileobj.read(1 << 20):
                pass  # the check sum of a compressed archive stands behind its last member
    except (tarfile.TarError, EOFError, OSError, zlib.error, lzma.LZMAError) as error:
        if isinstance(error, OSError) and error.filename is not None:
            raise
        raise CustomerError(f"{source} is damaged: {error}. Upload it again.") from error


def _inside(path, root):
    return path == root or path.startswith(root + os.sep)


def _unpack_member(tar, member, root, source):
    def refuse(why):
        raise CustomerError(f"{source}: member {member.name!r} {why}. Archives hold the files of one directory only.")

    place = os.path.normpath(os.path.join(root, member.name))
    if place == root and member.isdir():
        return  # "./", with which archives of whole directories begin
    # Links that earlier members made are followed here: what counts is where the bytes would land.
    parent = os.path.realpath(os.path.dirname(place))
    if not _inside(place, root) or not _inside(parent, root):
        refuse("would lie outside of the code directory")
    if member.isdir():
        os.makedirs(place, exist_ok=True)
        return
    os.makedirs(parent, exist_ok=True)
    if os.path.islink(place) or os.path.isfile(place):
        os.unlink(place)
    if member.issym():
        if os.path.isabs(member.linkname) or not _inside(os.path.realpath(os.path.join(parent, member.linkname)), root):
            refuse(f"is a link to {member.linkname!r}, outside of the code directory")
        os.symlink(member.linkname, place)
    elif member.islnk():
        target = os.path.realpath(os.path.join(root, member.linkname))
        if not _inside(target, root) or not os.path.isfile(target):
            refuse(f"is a link to {member.linkname!r}, which is no file of the archive before it")
        shutil.copy2(target, place)
    elif member.isfile():
        with tar.extractfile(member) as content, open(place, "wb") as file:
            shutil.copyfileobj(content, file, 1 << 20)
        os.chmod(place, 0o644 | (0o111 if member.mode & 0o100 else 0))
    else:
        refuse("is neither a file nor a directory nor a link")
