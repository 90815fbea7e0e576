#!/usr/bin/env python3
"""Fails when a source file includes a room or library that src/LAYERS does not allow for its own room."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SRC = ROOT / "src"

# How a library shows in an #include line. What is not listed here is the standard library or POSIX.
LIBRARIES = {
    "nlohmann": r"^nlohmann/", "fast_float": r"^fast_float/", "torch": r"^(torch|ATen|c10)/", "boost": r"^boost/",
    "openssl": r"^openssl/", "sqlite3": r"^sqlite3\.h", "pcre2": r"^pcre2\.h", "isa-l": r"^isa-l", "zlib": r"^zlib\.h", "zstd": r"^zstd\.h",
    "turbojpeg": r"^turbojpeg\.h", "png": r"^png\.h", "seccomp": r"^seccomp\.h", "fuse3": r"^fuse3/", "CLI11": r"^CLI/", "expat": r"^expat",
    "faiss": r"^faiss/", "dnnl": r"^dnnl",
}


def read_layers():
    layers = {}
    for line in (SRC / "LAYERS").read_text().splitlines():
        line = line.split("#")[0].strip()
        if line:
            room, allowed = line.split(":")
            layers[room.strip()] = allowed.split()
    return layers


def room_of(path, layers):
    """The longest room that is a prefix of `path`."""
    fits = [room for room in layers if path == room or path.startswith(room + "/")]
    return max(fits, key=len, default=None)


def main():
    layers, wrong, checked = read_layers(), [], 0
    for file in sorted(SRC.rglob("*")):
        if file.suffix not in (".h", ".cpp"):
            continue
        here = room_of(str(file.parent.relative_to(SRC)), layers)
        if here is None:
            wrong.append(f"{file.relative_to(ROOT)}: its folder is not in src/LAYERS")
            continue
        checked += 1
        allowed = layers[here]
        for number, line in enumerate(file.read_text().splitlines(), 1):
            found = re.match(r'\s*#\s*include\s+[<"]([^>"]+)[>"]', line)
            if not found:
                continue
            target = found.group(1)
            library = next((name for name, pattern in LIBRARIES.items() if re.search(pattern, target)), None)
            if library:
                # Tests and benchmarks may use any library as an oracle or a rival, except that torch stays in trainer/.
                loose = re.search(r"_(test|bench)\.cpp$", file.name) and library != "torch"
                fine = library in allowed or loose
                shown = f"library {library}"
            elif target.startswith("generated/"):
                fine, shown = "generated" in allowed, "generated code"
            else:
                room = room_of(target.rsplit("/", 1)[0], layers) if "/" in target else None
                if room is None:
                    continue
                fine = room == here or any(room == entry or room.startswith(entry + "/") for entry in allowed)
                shown = f"room {room}"
            if not fine:
                wrong.append(f"{file.relative_to(ROOT)}:{number}: {here} may not include {shown} ({target})")
    print("\n".join(wrong) or f"{checked} files keep the layers")
    return 1 if wrong or not checked else 0


if __name__ == "__main__":
    sys.exit(main())
