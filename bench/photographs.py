"""Photographs of the shared data sets, for benchmarks of images."""

import io
import sys
import tarfile
from pathlib import Path

from PIL import Image, ImageOps

ARCHIVES = ("caltech101/caltech101-10.tar", "camvid/camvid.tar")


def photographs(data):
    """Every photograph of Caltech-101's ten classes and CamVid, in colour; masks are no photographs."""
    for archive in ARCHIVES:
        path = Path(data) / archive
        if not path.exists():
            sys.exit(f"there is no {path}")
        with tarfile.open(path) as tar:
            for member in sorted(tar.getmembers(), key=lambda m: m.name):
                if member.isfile() and member.name.endswith(".jpg"):
                    yield Image.open(io.BytesIO(tar.extractfile(member).read())).convert("RGB")


def save(photograph, width, height, path, quality=90):
    """Cut to the shape, so that nothing is stretched, and resized to the size."""
    ImageOps.fit(photograph, (width, height), Image.BICUBIC).save(path, "JPEG", quality=quality)
