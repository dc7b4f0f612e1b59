"""The way to a server, on which calls get lost: who makes them hears nothing but that the line was closed."""

import http.client
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


class Gate:
    """Passes everything on to the server at `url`, but the first so many calls of each method that `lost` names."""

    def __init__(self, url: str):
        self.lost: Counter[str] = Counter()
        at, gate = urlsplit(url).netloc, self

        class Passing(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                method = self.path.rpartition("/")[2]
                if gate.lost[method] > 0:
                    gate.lost[method] -= 1
                    self.close_connection = True
                    return
                line = http.client.HTTPConnection(at)
                line.request("POST", self.path, body, dict(self.headers))
                answer = line.getresponse()
                data = answer.read()
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.headers["Content-Type"])
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)
                line.close()

            def log_message(self, format: str, *args: object) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Passing)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
