"""Trains with a program and follows its log as the SageMaker Python SDK does. Knows only amazonaws.com."""

import sys
import time

import boto3

name, image, bucket = sys.argv[1:]
sagemaker, logs = boto3.client("sagemaker"), boto3.client("logs")
sagemaker.create_training_job(
    TrainingJobName=name, AlgorithmSpecification={"TrainingImage": image, "TrainingInputMode": "File"},
    RoleArn="arn:aws:iam::111122223333:role/Trainer", OutputDataConfig={"S3OutputPath": f"s3://{bucket}/out"},
    ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5},
    StoppingCondition={"MaxRuntimeInSeconds": 300})
while sagemaker.describe_training_job(TrainingJobName=name)["TrainingJobStatus"] == "InProgress":
    time.sleep(0.1)
job = sagemaker.describe_training_job(TrainingJobName=name)
print(job["TrainingJobStatus"], job["ModelArtifacts"]["S3ModelArtifacts"])
group = "/aws/sagemaker/TrainingJobs"
for stream in logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=f"{name}/")["logStreams"]:
    for event in logs.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"],
                                     startFromHead=True)["events"]:
        print("log:", event["message"])
