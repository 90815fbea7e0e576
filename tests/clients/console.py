"""A browser's side of the web console, as far as HTTP goes: cookies, the CSRF token, Server-Sent Events."""

import http.client
import json
import re
import ssl
from urllib.parse import urlsplit

from conftest import unique


def new_user(daemon, *rights):
    """A user of the daemon's, and a browser in which they have signed in."""
    name = unique("person")
    printed = daemon.cli("users", "add", name, *rights).stdout
    key = dict(re.findall(r"^export (\w+)=(\S+)$", printed, re.M))
    browser = Browser(daemon.endpoint)
    assert browser.sign_in({"AccessKeyId": key["AWS_ACCESS_KEY_ID"],
                            "SecretAccessKey": key["AWS_SECRET_ACCESS_KEY"]}).status == 200
    return name, browser


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    def json(self):
        return json.loads(self.body)


class Browser:
    """Keeps the cookie and the token of its session, as a browser and the console's page do."""

    def __init__(self, endpoint, authority=None):
        self.url = urlsplit(endpoint)
        self.context = ssl.create_default_context(cafile=authority) if self.url.scheme == "https" else None
        self.cookie = None
        self.csrf = None

    def connect(self, timeout=60):
        if self.context:
            return http.client.HTTPSConnection(self.url.hostname, self.url.port, timeout=timeout, context=self.context)
        return http.client.HTTPConnection(self.url.hostname, self.url.port, timeout=timeout)

    def headers(self, method, headers):
        sent = {}
        if self.cookie:
            sent["Cookie"] = "millrace-session=" + self.cookie
        if self.csrf and method not in ("GET", "HEAD"):
            sent["X-Millrace-CSRF"] = self.csrf
        sent.update(headers or {})
        return {name: value for name, value in sent.items() if value is not None}

    def send(self, method, path, body=None, headers=None):
        connection = self.connect()
        try:
            connection.request(method, path, body=body, headers=self.headers(method, headers))
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def get(self, path, headers=None):
        return self.send("GET", path, headers=headers)

    def post(self, path, document, headers=None):
        return self.send("POST", path, json.dumps(document), headers)

    def sign_in(self, document):
        answer = self.post("/mr/session", document)
        if answer.status == 200:
            self.cookie = re.match(r"millrace-session=([0-9a-f]+);", answer.headers["Set-Cookie"]).group(1)
            self.csrf = answer.json()["CsrfToken"]
        return answer

    def call(self, service, target, document):
        return self.send("POST", f"/mr/aws/{service}/", json.dumps(document),
                         {"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.1"})

    def events(self, topics, last_event_id=None, timeout=30):
        return Events(self, topics, last_event_id, timeout)


class Events:
    """An open stream of Server-Sent Events."""

    def __init__(self, browser, topics, last_event_id, timeout):
        self.connection = browser.connect(timeout)
        headers = {"Accept": "text/event-stream"}
        if last_event_id is not None:
            headers["Last-Event-ID"] = last_event_id
        self.connection.request("GET", "/mr/events?topics=" + topics, headers=browser.headers("GET", headers))
        self.response = self.connection.getresponse()
        self.status = self.response.status
        self.last_id = last_event_id

    def next(self):
        """The next event, (name, data); None when the stream has ended."""
        name, data = None, None
        while True:
            line = self.response.readline()
            if not line:
                return None
            line = line.decode().rstrip("\n")
            if line.startswith("event: "):
                name = line[7:]
            elif line.startswith("id: "):
                self.last_id = line[4:]
            elif line.startswith("data: "):
                data = json.loads(line[6:])
            elif not line and data is not None:
                return name, data

    def until(self, holds):
        """The first event for which `holds(name, data)`."""
        while True:
            event = self.next()
            assert event is not None, "the stream ended"
            if holds(*event):
                return event[1]

    def close(self):
        self.response.close()
        self.connection.close()
