"""Several variants of one model at once: they queue, run as the machine allows, and all end well."""

from conftest import channel, job_request, log_lines, unique, wait_until_ended
from test_image_classification import HYPERPARAMETERS, IMAGE, dataset

WHOLE_MACHINE = {"InstanceType": "ml.m5.24xlarge", "InstanceCount": 1, "VolumeSizeInGB": 5}


def test_six_variants_of_one_model_queue_and_all_complete(sagemaker, s3, logs, bucket):
    for part, count in (("train", 64), ("validation", 32)):
        s3.put_object(Bucket=bucket, Key=f"{part}/{part}.rec", Body=dataset(count, count))
    pictures = [channel(part, f"s3://{bucket}/{part}/", ContentType="application/x-recordio")
                for part in ("train", "validation")]

    def create(name, learning_rate, more=()):
        sagemaker.create_training_job(**job_request(
            name, IMAGE, bucket, HyperParameters={**HYPERPARAMETERS, "epochs": "1", "learning_rate": learning_rate},
            InputDataConfig=[*pictures, *more], ResourceConfig=WHOLE_MACHINE))

    base = unique("base")
    create(base, "0.05")
    assert wait_until_ended(sagemaker, base)["TrainingJobStatus"] == "Completed"

    model = channel("model", f"s3://{bucket}/out/{base}/output/model.tar.gz",
                    ContentType="application/x-sagemaker-model")
    rates = {unique("variant"): rate for rate in ("0.1", "0.05", "0.02", "0.01", "0.005", "0.001")}
    for name, rate in rates.items():
        create(name, rate, [model])
    last = sagemaker.describe_training_job(TrainingJobName=list(rates)[-1])
    assert (last["TrainingJobStatus"], last["SecondaryStatus"]) == ("InProgress", "Starting")
    assert "TrainingStartTime" not in last and "BillableTimeInSeconds" not in last, "it waits"
    assert [(step["Status"], step["StatusMessage"]) for step in last["SecondaryStatusTransitions"]] == [
        ("Starting", "Starting the training job")]

    jobs = [wait_until_ended(sagemaker, name, 180) for name in rates]
    assert [job["TrainingJobStatus"] for job in jobs] == ["Completed"] * 6
    for job, (name, rate) in zip(jobs, rates.items()):
        assert job["HyperParameters"]["learning_rate"] == rate
        assert any("Using the model in channel 'model'" in line for line in log_lines(logs, name))
    for earlier, later in zip(jobs, jobs[1:]):
        assert earlier["TrainingEndTime"] <= later["TrainingStartTime"], "each wants the whole machine"
