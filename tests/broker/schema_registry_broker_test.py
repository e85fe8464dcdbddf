#!/usr/bin/env python3
"""`run` compares what a schema registry has for its topics with the contract before it reads: a version that means
something else ends the start, a registry that is away does not. The registry is a stand-in with the API of Confluent's;
tests/schemas says what is compared.

Needs KEYFOLD_TEST_KAFKA=host:port and kcat. Exit status 77: skipped.
"""

import argparse
import http.server
import json
import os
import subprocess
import threading

import deployment

PROTO = os.path.join(deployment.ROOT, "proto", "keyfold", "v1")


class Registry(http.server.ThreadingHTTPServer):
    """Answers with `documents`, by path."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.documents = {}
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def register(self, subject, versions):
        self.documents[f"/subjects/{subject}/versions"] = list(range(1, len(versions) + 1))
        for number, text in enumerate(versions, 1):
            self.documents[f"/subjects/{subject}/versions/{number}"] = {
                "subject": subject, "id": number, "version": number, "schemaType": "PROTOBUF", "schema": text}


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        document = self.server.documents.get(self.path)
        body = json.dumps(document or {"error_code": 40401, "message": "Subject not found."}).encode()
        self.send_response(200 if document else 404)
        self.send_header("Content-Type", "application/vnd.schemaregistry.v1+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def run_with(target, expected, words):
    """Problems: `run` ends with another status, or does not say these words."""
    before = len(target.run_log()) if os.path.exists(os.path.join(target.directory, "run.log")) else 0
    status = target.start("--until-end").wait(timeout=120)
    said = target.run_log()[before:]
    problems = [] if status == expected else [f"run ended with {status} instead of {expected}: {said[-500:]}"]
    return problems + [f"run does not say {word!r}: {said[-500:]}" for word in words if word not in said]


def scenario(arguments, bootstrap, directory):
    registry = Registry()
    target = deployment.Deployment(arguments.keyfold, bootstrap, directory, ["--schema_registry.url", registry.url])
    subject = target.name + "-events-value"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    target.call("topics", "--create", **quiet)  # what is not registered is warned of
    with open(os.path.join(PROTO, "account_event.proto"), encoding="utf-8") as file:
        contract = file.read()
    other = contract.replace("optional int64 minor = 2;", "optional double minor = 2;")

    registry.register(subject, [contract, other])
    problems = run_with(target, 1, [f"{subject}, version 2 (id 2): Money.minor is double, here int64"])
    checked = subprocess.run([arguments.keyfold, "topics", *target.flags], stdout=subprocess.PIPE, check=False)
    if checked.returncode != 1 or b"wrong: schema " not in checked.stdout:
        problems.append(f"topics ended with {checked.returncode}: {checked.stdout.decode()[-300:]}")
    registry.register(subject, [contract])
    problems += run_with(target, 0, [])
    registry.shutdown()
    registry.server_close()
    return problems + run_with(target, 0, ["the schema registry cannot be asked", "going on without"])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keyfold", required=True)
    deployment.run_scenario(parser.parse_args(), scenario)


if __name__ == "__main__":
    main()
