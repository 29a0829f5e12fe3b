"""A chat server that answers, fails and misbehaves as it is told to."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


def event(content: str, **more: Any) -> bytes:
    chunk = {"choices": [{"index": 0, "delta": {"content": content} | more, "finish_reason": None}]}
    return b"data: " + json.dumps(chunk, ensure_ascii=False).encode() + b"\n\n"


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Somebody has hung up."""


class ChatServer:
    """Answers as it is told to: ``script`` writes the body of an answer, piece by piece."""

    def __init__(self, port: int = 0) -> None:
        self.status = 200
        self.headers: dict[str, str] = {"Content-Type": "text/event-stream"}
        self.script: Callable[[], Iterator[bytes]] = lambda: iter(
            (event("Hello "), event("there."), b"data: [DONE]\n\n")
        )
        self.before_headers = 0.0
        self.hangs_up_after = False
        self.models: list[str] | None = ["llama", "qwen"]
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.hung_up = threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *arguments: object) -> None:
                pass

            def do_GET(self) -> None:
                if server.models is None:
                    self.send_error(404)
                    return
                body = json.dumps({"data": [{"id": name} for name in server.models]}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                server.requests.append({"path": self.path, **json.loads(body)})
                server.keys.append(self.headers.get("Authorization"))
                try:
                    if server._wait(server.before_headers):
                        return
                    self.send_response(server.status)
                    for name, value in server.headers.items():
                        self.send_header(name, value)
                    self.send_header("Transfer-Encoding", "chunked")
                    self.end_headers()
                    for piece in server.script():
                        self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
                    self.wfile.write(b"0\r\n\r\n")
                    self.close_connection = server.hangs_up_after
                except OSError:
                    server.hung_up.set()
                    self.close_connection = True

        self.over = threading.Event()
        self._server = _Quiet(("127.0.0.1", port), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}/v1"

    def _wait(self, seconds: float) -> bool:
        return seconds > 0 and self.over.wait(seconds)

    def hang(self) -> Iterator[bytes]:
        """Nothing more, but the connection stays; a comment now and then shows whether the other side is there."""
        while not self.over.wait(0.02):
            yield b": still here\n\n"

    def close(self) -> None:
        self.over.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
