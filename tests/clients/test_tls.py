"""`millrace serve --tls`: stock clients over HTTPS, and jobs that need trust nobody."""

import json
import os
import re
import stat
import subprocess
import urllib.error
import urllib.request

import pytest

from conftest import job_request, log_lines, unique, wait_until_ended
from daemon import MILLRACE, Daemon


@pytest.fixture(scope="module")
def daemon(tmp_path_factory):
    started = Daemon(tmp_path_factory.mktemp("millrace") / "data", "--tls")
    yield started
    started.stop()


def published(daemon):
    return json.loads((daemon.data_dir / "endpoint.json").read_text())


def test_a_large_object_goes_up_and_comes_back(s3, bucket, tmp_path):
    (tmp_path / "source").write_bytes(os.urandom(40_000_003))
    s3.upload_file(str(tmp_path / "source"), bucket, "large")
    s3.download_file(bucket, "large", str(tmp_path / "back"))
    assert (tmp_path / "back").read_bytes() == (tmp_path / "source").read_bytes()
    whole = s3.get_object(Bucket=bucket, Key="large")["Body"].read()  # one file, one answer
    assert whole == (tmp_path / "source").read_bytes()


def test_the_aws_cli_and_curl_trust_the_authority_that_env_names(daemon, bucket):
    environment = daemon.shell_environment()
    listed = subprocess.run(["/usr/bin/aws", "--endpoint-url", daemon.endpoint, "s3", "ls"], env=environment, text=True,
                            capture_output=True, timeout=60)
    assert bucket in listed.stdout, listed.stderr
    untrusted = subprocess.run(["curl", "-sS", daemon.endpoint], text=True, capture_output=True, timeout=60)
    assert untrusted.returncode == 60, untrusted.stderr  # not vouched for by anybody the system knows
    trusted = subprocess.run(["curl", "-sS", "--cacert", environment["AWS_CA_BUNDLE"], daemon.endpoint], text=True,
                             capture_output=True, timeout=60)
    assert "<Code>AccessDenied</Code>" in trusted.stdout, trusted.stderr


def test_plain_http_is_told_to_use_tls(daemon):
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(daemon.endpoint.replace("https", "http"))
    assert refused.value.code == 400 and b"Use TLS" in refused.value.read()


def test_a_job_reaches_the_daemon_without_certificates(daemon, sagemaker, logs, bucket):
    program = daemon.data_dir.parent / "ask"
    program.write_text("#!/bin/sh\necho asked $AWS_ENDPOINT_URL: $(curl -sS $AWS_ENDPOINT_URL)\n")
    program.chmod(0o755)
    daemon.cli("images", "add", "ask", "--exec", str(program))
    name = unique("tls-job")
    sagemaker.create_training_job(**job_request(name, "ask", bucket))
    assert wait_until_ended(sagemaker, name)["TrainingJobStatus"] == "Completed"
    lines = "\n".join(log_lines(logs, name))
    assert f"asked {published(daemon)['JobsEndpoint']}" in lines and "AccessDenied" in lines


def test_our_own_command_line_finds_the_daemon(daemon):
    assert daemon.cli("jobs", "list").returncode == 0
    variables = {**os.environ, **daemon.environment}
    assert daemon.cli("jobs", "list", env=variables).returncode == 0
    elsewhere = daemon.cli("jobs", "list", check=False, env={**variables, "AWS_ENDPOINT_URL": "https://127.0.0.1:1"})
    assert elsewhere.returncode == 1 and "https://127.0.0.1:1" in elsewhere.stderr


def test_a_restart_keeps_the_authority_and_the_address_that_running_jobs_know(daemon):
    before, authority = published(daemon), (daemon.data_dir / "authority/certificate.pem").read_bytes()
    assert stat.S_IMODE((daemon.data_dir / "authority/key.pem").stat().st_mode) == 0o600
    daemon.stop()
    daemon.start()
    assert published(daemon)["JobsEndpoint"] == before["JobsEndpoint"]
    assert (daemon.data_dir / "authority/certificate.pem").read_bytes() == authority


def test_an_ipv6_address_stands_in_brackets(tmp_path):
    with subprocess.Popen([MILLRACE, "serve", "--data-dir", tmp_path, "--listen", "[::1]:0", "--tls"], text=True,
                          stdout=subprocess.PIPE) as serve:
        try:
            endpoint = re.search(r"https://\[::1\]:\d+", serve.stdout.readline()).group(0)
            asked = subprocess.run(["curl", "-sS", "--cacert", tmp_path / "authority/certificate.pem", endpoint], text=True,
                                   capture_output=True, timeout=60)
            assert "<Code>AccessDenied</Code>" in asked.stdout, asked.stderr
        finally:
            serve.terminate()


def test_a_certificate_of_ones_own(tmp_path):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-days", "2",
                    "-subj", "/CN=own", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", tmp_path / "key.pem",
                    "-out", tmp_path / "own.pem"], check=True, capture_output=True)
    own = Daemon(tmp_path / "data", "--tls", "--tls-certificate", str(tmp_path / "own.pem"), "--tls-key",
                 str(tmp_path / "key.pem"))
    try:
        assert "AWS_CA_BUNDLE" not in own.environment and not (tmp_path / "data/authority").exists()
        own.environment["AWS_CA_BUNDLE"] = str(tmp_path / "own.pem")
        assert own.client("s3").list_buckets()["Buckets"] == []
    finally:
        own.stop()


def test_a_certificate_that_cannot_be_used_is_named(tmp_path):
    (tmp_path / "none.pem").write_text("nothing")
    for options in (["--tls-certificate", "none.pem", "--tls-key", "none.pem"],
                    ["--tls-certificate", "missing.pem", "--tls-key", "none.pem"]):
        done = subprocess.run([MILLRACE, "serve", "--data-dir", tmp_path / "data", "--listen", "127.0.0.1:0", "--tls", *options],
                              text=True, capture_output=True, cwd=tmp_path, timeout=60)
        assert done.returncode == 1 and options[1] in done.stderr and "PEM" in done.stderr
    half = subprocess.run([MILLRACE, "serve", "--tls", "--tls-certificate", "none.pem"], text=True, capture_output=True,
                          cwd=tmp_path, timeout=60)
    assert half.returncode == 2 and "--tls-key" in half.stderr
