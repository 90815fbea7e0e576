#!/usr/bin/env python3
"""How long a job takes to start and to end: creation to exec in the sandbox, to the trainer's first line, to Completed."""

import os
import time

from harness import BIN, ROOT, median, running_daemon, table
from conftest import channel, job_request, log_lines, wait_until_ended

ROUNDS = 15


def first_line_time(logs, name):
    group = "/aws/sagemaker/TrainingJobs"
    stream = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=name + "/")["logStreams"][0]
    events = logs.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"], startFromHead=True)
    return events["events"][0]["timestamp"] / 1000


def main():
    with running_daemon() as daemon:
        s3, sagemaker, logs = daemon.client("s3"), daemon.client("sagemaker"), daemon.client("logs")
        s3.create_bucket(Bucket="bench")
        s3.put_object(Bucket="bench", Key="hundred/data.bin", Body=os.urandom(100 << 20))
        # Copies are further names of the same bytes in the store, but objects like any other to a job.
        s3.put_object(Bucket="bench", Key="large/00", Body=os.urandom(64 << 20))
        for number in range(1, 64):
            s3.copy_object(Bucket="bench", Key=f"large/{number:02}", CopySource="bench/large/00")
        s3.put_object(Bucket="bench", Key="tiny/0", Body=b"x")
        succeed, clock = daemon.add_program("succeed"), daemon.add_program("print_clock")
        records = ROOT / "build/quickstart/validation.rec"
        s3.upload_file(str(records), "bench", "rec/validation.rec")

        def exec_delay(name, prefix):
            inputs = [channel("train", f"s3://bench/{prefix}/")]
            sagemaker.create_training_job(**job_request(name, clock, "bench", InputDataConfig=inputs))
            accepted = time.time()
            wait_until_ended(sagemaker, name)
            return float(log_lines(logs, name)[0]) - accepted

        exec_after, large_after, tiny_after, ended_after, seen_after, line_after = [], [], [], [], [], []
        for number in range(ROUNDS):
            exec_after.append(exec_delay(f"clock-{number}", "hundred"))
            large_after.append(exec_delay(f"large-{number}", "large"))
            tiny_after.append(exec_delay(f"tiny-{number}", "tiny"))

            name = f"nothing-{number}"
            started = time.time()
            sagemaker.create_training_job(**job_request(name, succeed, "bench"))
            while True:
                job = sagemaker.describe_training_job(TrainingJobName=name)
                if job["TrainingJobStatus"] != "InProgress":
                    break
                time.sleep(0.005)
            seen_after.append(time.time() - started)
            assert job["TrainingJobStatus"] == "Completed", job
            ended_after.append((job["TrainingEndTime"] - job["CreationTime"]).total_seconds())

        for number in range(ROUNDS // 3):
            name = f"trainer-{number}"
            sagemaker.create_training_job(**job_request(
                name, "image-classification", "bench",
                HyperParameters={"num_layers": "20", "image_shape": "3,28,28", "num_classes": "10", "epochs": "1",
                                 "num_training_samples": "5000", "mini_batch_size": "128"},
                InputDataConfig=[channel("train", "s3://bench/rec/", ContentType="application/x-recordio")]))
            accepted = time.time()
            job = wait_until_ended(sagemaker, name)
            assert job["TrainingJobStatus"] == "Completed", job
            line_after.append(first_line_time(logs, name) - accepted)

        table("Life of a job", [
            ["CreateTrainingJob accepted to exec in the sandbox, 100 MB File channel, median",
             f"{1000 * median(exec_after):.0f} ms (worst {1000 * max(exec_after):.0f})", "-", "-", "at most 100 ms"],
            ["the same with a 4 GiB File channel of 64 objects, median", f"{1000 * median(large_after):.0f} ms",
             f"a channel of one byte {1000 * median(tiny_after):.0f} ms",
             f"{1000 * (median(large_after) - median(tiny_after)):+.0f} ms", "at most 1000 ms more"],
            ["to the trainer's first log line, median", f"{1000 * median(line_after):.0f} ms", "-", "-",
             "at most 1200 ms"],
            ["a job that does nothing, CreationTime to TrainingEndTime, median",
             f"{1000 * median(ended_after):.0f} ms", "-", "-", "-"],
            ["the same as a polling client sees it, request sent to Completed seen, median",
             f"{1000 * median(seen_after):.0f} ms (worst {1000 * max(seen_after):.0f})", "-", "-", "at most 500 ms"]])


if __name__ == "__main__":
    assert (BIN / "millrace").exists(), "run scripts/build first"
    main()
