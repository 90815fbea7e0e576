"""How the SageMaker Python SDK begins every notebook: who am I, which role, which bucket. Knows only amazonaws.com."""

import json

import boto3
import botocore.exceptions

session = boto3.session.Session()
region = session.region_name

# The SDK asks botocore for the host of STS and builds the URL by itself.
host = session._session.get_component("endpoint_resolver").construct_endpoint("sts", region)["hostname"]
sts = session.client("sts", region_name=region, endpoint_url=f"https://{host}")
identity = sts.get_caller_identity()
role_name = identity["Arn"].split("assumed-role/")[1].split("/")[0]
role = session.client("iam").get_role(RoleName=role_name)["Role"]["Arn"]

name = f"sagemaker-{region}-{identity['Account']}"
s3 = session.resource("s3", region_name=region)
bucket = s3.Bucket(name)
created = False
if bucket.creation_date is None:
    try:
        s3.meta.client.head_bucket(Bucket=name)
    except botocore.exceptions.ClientError as error:
        assert (error.response["Error"]["Code"], error.response["Error"]["Message"]) == ("404", "Not Found")
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": region})
        created = True
s3.meta.client.head_bucket(Bucket=name, ExpectedBucketOwner=identity["Account"])
session.client("sagemaker-metrics")
print(json.dumps({"host": host, "account": identity["Account"], "role": role, "bucket": name, "created": created}))
