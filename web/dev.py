#!/usr/bin/env python3
"""Serves the page from its sources while it is worked on: built anew at each load, all else passed on to a running gateway.

    web/dev.py [--gateway http://127.0.0.1:8080] [--port 8090]
"""

import argparse
import http.client
import http.server
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.parse

import build

# As src/page/page.cc says it.
POLICY = re.search(r'kPolicy =\s*((?:"[^"]*"\s*)+);', (build.WEB.parent / "src/page/page.cc").read_text("utf-8"))
NOT_PASSED_ON = {"connection", "transfer-encoding", "keep-alive"}


class Handler(http.server.BaseHTTPRequestHandler):
    gateway = directory = None

    def do_GET(self):
        path = urllib.parse.urlsplit(self.path).path
        if re.match(r"/(v1|health|metrics)(/|$)", path):
            self.pass_on()
        else:
            self.send_page(path)

    def do_POST(self):
        self.pass_on()

    def do_DELETE(self):
        self.pass_on()

    def send_page(self, path):
        file = self.directory / path.lstrip("/") if path.startswith("/assets/") else self.directory / "index.html"
        if file.name == "index.html":
            subprocess.run([sys.executable, build.WEB / "build.py", "--readable", self.directory], check=True)
        if not file.is_file():
            self.send_error(404)
            return
        data = file.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", build.TYPES[file.suffix])
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Content-Security-Policy", "".join(re.findall(r'"([^"]*)"', POLICY[1])))
        self.end_headers()
        self.wfile.write(data)

    def pass_on(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        headers = {name: value for name, value in self.headers.items() if name.lower() not in NOT_PASSED_ON}
        connection = http.client.HTTPConnection(self.gateway)
        try:
            connection.request(self.command, self.path, body or None, headers)
            response = connection.getresponse()
            self.send_response(response.status)
            for name, value in response.getheaders():
                if name.lower() not in NOT_PASSED_ON:
                    self.send_header(name, value)
            self.send_header("Connection", "close")
            self.end_headers()
            while part := response.read1(65536):
                self.wfile.write(part)
                self.wfile.flush()
        except ConnectionRefusedError:
            self.send_error(502)
        except OSError:
            pass  # the browser has gone, or the gateway: the connection says so
        finally:
            connection.close()
            self.close_connection = True

    def log_message(self, format, *arguments):
        pass


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--gateway", default="http://127.0.0.1:8080")
    parser.add_argument("--port", type=int, default=8090)
    options = parser.parse_args()
    Handler.gateway = urllib.parse.urlsplit(options.gateway).netloc
    with tempfile.TemporaryDirectory() as directory:
        Handler.directory = pathlib.Path(directory) / "page"
        print(f"http://127.0.0.1:{options.port}/", flush=True)
        http.server.ThreadingHTTPServer(("127.0.0.1", options.port), Handler).serve_forever()


if __name__ == "__main__":
    main()
