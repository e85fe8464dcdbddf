#!/usr/bin/env python3
"""The clients of examples/ on a real Kafka: each publishes the same account, whose events come to lie in one partition and
count once, and each sees its revenue.

What they need is fetched into the build directory: from PyPI, Maven Central and npm. Needs KEYFOLD_TEST_KAFKA=host:port, kcat,
protoc, a JDK, Maven and npm. Exit status 77: skipped.
"""

import argparse
import glob
import os
import pathlib
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time

import deployment

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROTOS = ["keyfold/v1/account_event.proto", "keyfold/v1/kpi_update.proto"]
ACCOUNT = "A-1001"
REVENUE = "1234"
WAIT_S = 120


def call(*command, cwd=None):
    subprocess.run([str(word) for word in command], cwd=cwd, check=True)


def prepare_python(directory):
    source = ROOT / "examples/python"
    if not (directory / "bin/python").exists():
        call(sys.executable, "-m", "venv", directory)
    call(directory / "bin/pip", "install", "--quiet", "--requirement", source / "requirements.txt")
    call("protoc", "-I", ROOT / "proto", f"--python_out={directory}", *PROTOS)
    for program in ("produce.py", "subscribe.py"):
        shutil.copy(source / program, directory)
    return lambda program, *arguments: [directory / "bin/python", directory / f"{program}.py", *arguments]


def prepare_java(directory):
    call("mvn", "--batch-mode", "--quiet", "package", f"-Dout={directory}", "--file", ROOT / "examples/java/pom.xml")
    path = os.pathsep.join([f"{directory}/classes", *glob.glob(f"{directory}/dependency/*.jar")])
    return lambda program, *arguments: ["java", "-cp", path, f"io.keyfold.examples.{program.capitalize()}", *arguments]


def prepare_typescript(directory):
    for file in (ROOT / "examples/typescript").iterdir():
        shutil.copy(file, directory)
    call("npm", "install", "--no-audit", "--no-fund", "--silent", cwd=directory)
    call("protoc", "-I", ROOT / "proto", f"--plugin={directory}/node_modules/.bin/protoc-gen-es", f"--es_out={directory}",
         "--es_opt=target=js+dts", *PROTOS)
    call("npm", "run", "--silent", "check", cwd=directory)
    return lambda program, *arguments: [directory / "node_modules/.bin/node", directory / f"{program}.ts", *arguments]


PREPARE = {"python": prepare_python, "java": prepare_java, "typescript": prepare_typescript}


def prepare(build):
    """Language -> what makes a command of a program's name and arguments. Ends the process where that is impossible."""
    clients = {}
    for language, how in PREPARE.items():
        directory = build / "examples" / language
        directory.mkdir(parents=True, exist_ok=True)
        try:
            clients[language] = how(directory)
        except (subprocess.CalledProcessError, FileNotFoundError) as error:
            print(f"NOT TESTED: {language}: {error}")
            sys.exit(1 if os.environ.get("CI") == "true" else deployment.SKIPPED)
    return clients


def wait_for(process, words):
    """The first line of a process that has all these words."""
    lines = queue.Queue()

    def read():
        for line in process.stdout:
            lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    deadline = time.monotonic() + WAIT_S
    while (left := deadline - time.monotonic()) > 0:
        try:
            line = lines.get(timeout=left)
        except queue.Empty:
            return None
        if line is None or all(word in line for word in words):
            return line
    return None


def check_subscriber(language, command):
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, text=True)
    try:
        line = wait_for(process, (ACCOUNT, "Birken Foods", REVENUE, "clv_historic"))
    finally:
        process.kill()
        process.wait()
    return [] if line else [f"{language}: the subscriber did not see {ACCOUNT}'s revenue"]


def check(target, clients):
    problems = []
    for language, command in clients.items():
        call(*command("produce", target.bootstrap, target.name + "-events", ACCOUNT))
    records = list(target.positions())
    events = [partition for partition, _, key in records if key == ACCOUNT]
    if len(events) != 2 * len(clients) or len(set(events)) != 1:
        problems.append(f"the events of {ACCOUNT} are in the partitions {events}")
    worker = target.start()
    try:
        for language, command in clients.items():
            problems += check_subscriber(language, command("subscribe", target.bootstrap, target.name + "-kpis", "clv_historic"))
        if list(target.dead_letters()):
            problems.append("there are dead letters")
    finally:
        worker.terminate()
        worker.wait(timeout=60)
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keyfold", required=True)
    arguments = parser.parse_args()
    bootstrap = deployment.bootstrap_or_skip()
    clients = prepare(pathlib.Path(arguments.keyfold).resolve().parents[1])
    with tempfile.TemporaryDirectory() as directory:
        target = deployment.Deployment(arguments.keyfold, bootstrap, directory)
        at = target.flags.index("--publish.format")
        del target.flags[at:at + 2]  # Protobuf: what is published by default
        target.call("topics", "--create", "--partitions", "8")
        deployment.conclude(check(target, clients))


main()
