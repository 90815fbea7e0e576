"""The well-known CIFAR-10 job of image classification, every hyperparameter as its users write it."""

import random

from conftest import channel, job_request, log_lines, unique, wait_until_ended
from test_image_classification import IMAGE, png, record

SETTINGS = {"num_layers": "18", "resize": "32", "num_training_samples": "40", "num_classes": "10",
            "image_shape": "3,28,28", "mini_batch_size": "20", "epochs": "3", "learning_rate": "0.1",
            "lr_scheduler_step": "2,3", "lr_scheduler_factor": "0.1", "augmentation_type": "crop_color_transform",
            "optimizer": "sgd", "momentum": "0.9", "weight_decay": "0.0001", "beta_1": "0.9", "beta_2": "0.999",
            "gamma": "0.9", "eps": "1e-8", "top_k": "5", "checkpoint_frequency": "1", "use_pretrained_model": "0",
            "model_prefix": ""}


def records(labels, seed):
    """32 x 32 pictures, noise around a grey that tells their class."""
    noise = random.Random(seed)
    return b"".join(record(label, png([(label * 23 + noise.randrange(30)) % 256 for _ in range(32 * 32)], 32), number)
                    for number, label in enumerate(labels))


def create(sagemaker, s3, bucket, train):
    name = unique("source")
    for part, labels in (("train", train), ("validation", range(10))):
        s3.put_object(Bucket=bucket, Key=f"{name}/{part}/{part}.rec", Body=records(labels, part))
    sagemaker.create_training_job(**job_request(
        name, IMAGE, bucket, HyperParameters=SETTINGS,
        InputDataConfig=[channel(part, f"s3://{bucket}/{name}/{part}/", ContentType="application/x-recordio")
                         for part in ("train", "validation")],
        CheckpointConfig={"S3Uri": f"s3://{bucket}/{name}/checkpoints"}))
    return name


def test_the_job_as_it_is_written_trains_its_three_epochs(sagemaker, s3, logs, bucket):
    name = create(sagemaker, s3, bucket, [i % 10 for i in range(40)])
    job = wait_until_ended(sagemaker, name, 180)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert job["HyperParameters"] == SETTINGS
    lines = log_lines(logs, name)
    for epoch in range(3):
        for what in ("Train-accuracy=", "Validation-accuracy=", "Train-top_k_accuracy_5=",
                     "Validation-top_k_accuracy_5="):
            assert any(f"Epoch[{epoch}] {what}" in line for line in lines), (epoch, what, lines)
    assert not any("Epoch[3]" in line for line in lines)
    assert s3.list_objects_v2(Bucket=bucket, Prefix=f"{name}/checkpoints/")["KeyCount"] > 0


def test_257_classes_of_data_end_the_job_before_its_first_epoch(sagemaker, s3, logs, bucket):
    name = create(sagemaker, s3, bucket, range(257))
    job = wait_until_ended(sagemaker, name)
    assert job["TrainingJobStatus"] == "Failed"
    reason = job["FailureReason"]
    for part in ("ClientError", "channel 'train'", "labels 0..256 found", "num_classes is 10",
                 "Set num_classes to 257"):
        assert part in reason, reason
    assert not any("Epoch[" in line for line in log_lines(logs, name))
