"""What channels deliver, on the page of a job in Debian's Chromium, by real jobs in every mode."""

import json
import os
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "clients"))

from channel_jobs import BYTES, ROWS, ChannelJobs  # noqa: E402
from conftest import wait_for_status, wait_until_ended  # noqa: E402
from test_pages import pytestmark, run_node  # noqa: E402, F401


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    # So that a FastFile channel is a view, which sees what is read.
    os.environ["MILLRACE_STORE_IS_REMOTE"] = "true"
    started = ChannelJobs(tmp_path_factory.mktemp("millrace"))
    os.environ.pop("MILLRACE_STORE_IS_REMOTE", None)
    yield started
    started.stop()


def test_the_page_shows_the_records_and_bytes_of_the_data_and_who_waited(world):
    modes = ["File", "Pipe"] + (["FastFile"] if os.access("/dev/fuse", os.R_OK | os.W_OK) else [])
    jobs = {}
    for mode in modes:
        delivered = world.completed(world.start_kmeans(mode, name=f"channels-{mode.lower()}"))
        assert delivered["RecordsPerPass"] == ROWS
        jobs[mode] = {"bytes": BYTES * (delivered["Passes"] if mode == "Pipe" else 1), "records": delivered["Records"],
                      "passes": delivered["Passes"], "rows": ROWS}
    # Takes a little at a time of more than a FIFO holds.
    world.start_job("shell", {"data/large": bytes(40_000_000)}, "Pipe", name="channels-running",
                    script="trap 'exit 0' TERM; exec < /opt/ml/input/data/train_0; while head -c 20000 > /dev/null; do sleep 0.2; done")
    wait_for_status(world.sagemaker, "channels-running", "Training")
    try:
        run_node(world, "channels.test.mjs", MILLRACE_JOBS=json.dumps(jobs))
    finally:
        world.sagemaker.stop_training_job(TrainingJobName="channels-running")
        wait_until_ended(world.sagemaker, "channels-running")
