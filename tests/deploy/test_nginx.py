"""The example for nginx, run as it is: what a browser needs gets through."""

from __future__ import annotations

import contextlib
import http.client
import ssl
import subprocess
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

import pytest

from deploy.conftest import DEPLOY, program, said
from served import free_port

NGINX = """
daemon off; pid {folder}/pid; error_log {folder}/errors;
events {{}}
http {{
    access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    include {folder}/tocsin.conf;
}}
"""
HELLO = b"event: hello\ndata: hello\n\n"


class Stream(ThreadingHTTPServer):
    """Server-sent events: one at once, and the end only when the test says so."""

    daemon_threads = True

    def __init__(self) -> None:
        self.over = Event()
        super().__init__(("127.0.0.1", 0), _Answer)
        Thread(target=self.serve_forever, daemon=True).start()


class _Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("X-Host", self.headers["Host"])
        self.end_headers()
        self.wfile.write(HELLO)
        self.wfile.flush()
        assert isinstance(self.server, Stream)
        self.server.over.wait(60)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def stream() -> Iterator[Stream]:
    """What stands behind the proxy."""
    server = Stream()
    yield server
    server.over.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def ports(tmp_path: Path, stream: Stream) -> Iterator[tuple[int, int]]:
    """The proxy's ports, with TLS and without, while it runs on the example."""
    nginx, tls, plain = program("nginx", "Debian: nginx-light"), free_port(), free_port()
    words = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=pager.example.org -keyout key -out certificate"
    said(program("openssl", "Debian: openssl"), *words.split(), folder=tmp_path)
    text = (DEPLOY / "proxy" / "nginx.conf").read_text()
    for said_there, here in (
        ("127.0.0.1:8080", f"127.0.0.1:{stream.server_port}"),
        ("listen [::]:443 ssl;", ""),
        ("listen [::]:80;", ""),
        ("listen 443", f"listen 127.0.0.1:{tls}"),
        ("listen 80", f"listen 127.0.0.1:{plain}"),
        ("/etc/ssl/certs/pager.example.org.pem", f"{tmp_path}/certificate"),
        ("/etc/ssl/private/pager.example.org.key", f"{tmp_path}/key"),
    ):
        assert said_there in text
        text = text.replace(said_there, here)
    (tmp_path / "tocsin.conf").write_text(text)
    (tmp_path / "nginx.conf").write_text(NGINX.format(folder=tmp_path))
    process = subprocess.Popen([nginx, "-e", tmp_path / "errors", "-p", tmp_path, "-c", tmp_path / "nginx.conf"])
    yield tls, plain
    process.terminate()
    process.wait(20)


def asked(connection: http.client.HTTPConnection) -> http.client.HTTPResponse:
    """The beginning of the answer, as soon as the proxy listens."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        with contextlib.suppress(OSError):
            connection.request("GET", "/live", headers={"Host": "pager.example.org"})
            return connection.getresponse()
        connection.close()
        time.sleep(0.05)
    raise AssertionError("nginx does not listen")


def test_events_come_through_as_they_are_sent(ports: tuple[int, int], stream: Stream) -> None:
    """Over TLS an event has arrived while the answer is still open, and Tocsin is told the name that was asked for."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = http.client.HTTPSConnection("127.0.0.1", ports[0], timeout=10, context=context)
    answer = asked(connection)
    assert answer.read(len(HELLO)) == HELLO
    assert not stream.over.is_set()
    assert answer.headers["X-Host"] == "pager.example.org"
    connection.close()


def test_plain_requests_are_sent_to_tls(ports: tuple[int, int]) -> None:
    """Whoever forgot the s is led to the same page with it, and what they send stays a POST."""
    answer = asked(http.client.HTTPConnection("127.0.0.1", ports[1], timeout=10))
    assert (answer.status, answer.headers["Location"]) == (308, "https://pager.example.org/live")
