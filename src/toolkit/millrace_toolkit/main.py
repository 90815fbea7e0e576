"""The verbs of the command line."""

import json
import sys

from millrace_toolkit import libraries


def main(arguments):
    verb, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    # Each verb imports what it needs alone: a job starts faster without the model server, and the other way round.
    if verb == "train":
        from millrace_toolkit.train import train
        return train()
    if verb == "serve":
        from millrace_toolkit.serving.server import serve
        return serve()
    if verb == "worker":
        from millrace_toolkit.serving.worker import work
        return work(int(rest[0]))
    if verb == "describe":
        print(json.dumps(libraries.describe()))
        return 0
    print(f"millrace-toolkit: unknown verb {verb!r}; a framework image runs 'train' or 'serve'", file=sys.stderr)
    return 2
