"""Entry point of the toolkit: what the sandbox of a framework image runs.

    python3 run.py train       as the container of a training job
    python3 run.py serve       as the container of a model
    python3 run.py describe    interpreter and libraries as JSON, for the daemon
"""

import sys

from millrace_toolkit.main import main

sys.exit(main(sys.argv[1:]))
