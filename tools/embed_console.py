#!/usr/bin/env python3
"""Writes console_files.cpp, which makes the files of the built web console constants of the program.

usage: embed_console.py FOLDER OUT

Files are packed here once (gzip), where that saves a tenth, and included with .incbin, so that no compiler reads them. An
empty FOLDER stands for no console.
"""

import gzip
import hashlib
import re
import sys
from pathlib import Path

TYPES = {
    ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8", ".json": "application/json", ".svg": "image/svg+xml", ".png": "image/png",
    ".ico": "image/x-icon", ".jpg": "image/jpeg", ".webp": "image/webp", ".woff2": "font/woff2", ".txt": "text/plain; charset=utf-8",
    ".map": "application/json", ".webmanifest": "application/manifest+json", ".wasm": "application/wasm",
}

# As Vite names what it builds: index-B3fT_x1y.js.
HASHED = re.compile(r"-[A-Za-z0-9_-]{8,}\.[a-z0-9]+$")


def literal(text):
    return '"' + str(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def symbol(out, name, file):
    """Assembler text that makes `name` the content of `file`."""
    return (f'asm(".section .rodata\\n"\n    "{name}:\\n"\n    ".incbin \\"{file}\\"\\n"\n    "{name}_end:\\n"\n'
            f'    ".byte 0\\n"\n    ".previous\\n");\n'
            f"extern const char {name}[] asm(\"{name}\");\nextern const char {name}_end[] asm(\"{name}_end\");\n")


def main():
    folder, out = sys.argv[1], Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    hidden = lambda path: any(part.startswith(".") for part in path.relative_to(folder).parts)
    files = [path for path in Path(folder).rglob("*") if path.is_file() and not hidden(path)] if folder else []
    symbols, rows = [], []
    for number, path in enumerate(sorted(files, key=lambda file: file.relative_to(folder).as_posix().encode())):
        name = path.relative_to(folder).as_posix()
        content = path.read_bytes()
        packed = gzip.compress(content, 9, mtime=0)
        body = f"millrace_console_{number}"
        symbols.append(symbol(out, body, path.resolve()))
        gzipped = "{}"
        if len(packed) < 0.9 * len(content):
            target = out / f"{number}.gz"
            target.write_bytes(packed)
            symbols.append(symbol(out, body + "_gz", target.resolve()))
            gzipped = f"{{{body}_gz, static_cast<std::size_t>({body}_gz_end - {body}_gz)}}"
        kind = TYPES.get(path.suffix, "application/octet-stream")
        lasting = "true" if name.startswith("assets/") and HASHED.search(name) else "false"
        etag = '"' + hashlib.sha256(content).hexdigest()[:32] + '"'
        rows.append(f"      {{.path = {literal(name)},\n       .type = {literal(kind)},\n"
                    f"       .body = {{{body}, static_cast<std::size_t>({body}_end - {body})}},\n"
                    f"       .gzip = {gzipped},\n       .etag = {literal(etag)},\n       .lasting = {lasting}}},\n")
    table = "  static const Asset files[] = {\n" + "".join(rows) + "  };\n  return files;\n" if rows else "  return {};\n"
    (out / "console_files.cpp").write_text(
        '// Written by tools/embed_console.py.\n#include "platform/console/embedded_files.h"\n\n#include <cstddef>\n\n'
        + "".join(symbols) + "\nnamespace millrace::console {\n\nstd::span<const Asset> embedded_files() {\n" + table
        + "}\n\n}  // namespace millrace::console\n")


if __name__ == "__main__":
    main()
