"""Readers of a gateway's stream, and updates for them."""

import asyncio
import json
import multiprocessing
import random
import resource
import socket
import subprocess
import time
import urllib.parse

import measuring

MARK = b'"correlation_id":"sent-'
SELECTED = "kpis=revenue_t12m,health_score"
SETTLE_S = 30


class Delays:
    """Of the updates that have come to those who read ten accounts: each is read by exactly one of them."""

    def __init__(self):
        self.milliseconds = []
        self.begun = False  # what was there before counts for nothing

    def take(self, chunk):
        if not self.begun:
            return
        now = time.time_ns()
        at = chunk.find(MARK)
        while at >= 0:
            begin = at + len(MARK)
            self.milliseconds.append((now - int(chunk[begin:begin + 19])) / 1e6)
            at = chunk.find(MARK, begin)


async def ask_for_stream(gateway, query):
    """Reader, writer and the head of the answer."""
    tls = {"ssl": gateway.context, "server_hostname": "localhost"} if gateway.context else {}
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port, limit=1 << 22, **tls)
    writer.write(f"GET /v1/stream?{query} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    return reader, writer, await reader.readuntil(b"\r\n\r\n")


async def follow(gateway, query, take, opened):
    """Reads one stream until it is cancelled; whole events go to `take`. One that has to wait its turn comes again."""
    reader, writer, head = await ask_for_stream(gateway, query)
    while head.startswith(b"HTTP/1.1 503 ") and b"\r\nRetry-After: " in head:
        writer.close()
        await asyncio.sleep(1)
        reader, writer, head = await ask_for_stream(gateway, query)
    try:
        if not head.startswith(b"HTTP/1.1 200 "):
            raise measuring.RunFailed(f"a stream was answered with {head[:200]}")
        caught_up, rest = False, b""
        while True:
            chunk = await reader.read(1 << 18)
            if not chunk:
                raise measuring.RunFailed("a stream has ended")
            whole, separator, rest = (rest + chunk).rpartition(b"\n\n")
            if not separator:
                continue
            if not caught_up and b"event: caught-up" in whole:
                caught_up = True
                opened()
            take(whole)
    finally:
        writer.close()


class State:
    """What a reader of the stream has in the end."""

    def __init__(self):
        self.rows, self.last_id = {}, ""

    def take(self, whole):
        for event in whole.split(b"\n\n"):
            fields = dict(line.split(b": ", 1) for line in event.split(b"\n") if b": " in line and line[:1] != b":")
            kind = fields.get(b"event")
            if kind == b"reset":
                self.rows.clear()
            elif kind in (b"update", b"gone"):
                data = json.loads(fields[b"data"])
                key = data["account_id"]
                self.rows[key] = data["correlation_id"] if kind == b"update" else None
            self.last_id = fields.get(b"id", self.last_id.encode()).decode()


class CutReader:
    """Reads everything over plain lines or TLS, is cut off at a random byte, or after a while where little comes, and
    resumes, so many times."""

    def __init__(self, gateway, cuts):
        self.gateway, self.cuts = gateway, cuts
        self.state, self.chance = State(), random.Random(2)

    def run(self, result):
        """In a process of its own, so that the others do not wait for it. Sends what it has in the end."""
        for _ in range(self.cuts):
            self.read_once(self.chance.choice([300, 3_000, 30_000, 300_000]))
        result.send((self.state.last_id, self.state.rows))

    def read_once(self, bytes_max):
        budget = self.chance.randrange(200, 200 + bytes_max)
        connection = socket.create_connection(("127.0.0.1", self.gateway.port), timeout=60)
        if self.gateway.context:
            connection = self.gateway.context.wrap_socket(connection, server_hostname="localhost")
        with connection:
            resume = f"Last-Event-ID: {self.state.last_id}\r\n" if self.state.last_id else ""
            connection.sendall(f"GET /v1/stream?accounts=*&{SELECTED} HTTP/1.1\r\nHost: localhost\r\n{resume}\r\n"
                               .encode())
            pending = b""
            while not pending.endswith(b"\r\n\r\n"):
                pending += connection.recv(1)
            pending, end = b"", time.monotonic() + self.chance.uniform(0.05, 0.5)
            while budget > 0 and time.monotonic() < end:
                connection.settimeout(max(end - time.monotonic(), 0.001))
                try:
                    part = connection.recv(min(budget, 1 << 16))
                except TimeoutError:
                    return
                if not part:
                    return
                budget -= len(part)
                whole, separator, pending = (pending + part).rpartition(b"\n\n")
                if separator:
                    self.state.take(whole)


class Updates:
    """Writes updates of accounts, each marked with when it was sent, at a rate, evenly."""

    def __init__(self, there, rate, seconds):
        self.templates = [self.template(there.rows[key]) for key in there.ids[:20_000]]
        self.bootstrap, self.topic = there.bootstrap, there.kpis_topic
        self.rate, self.seconds = rate, seconds

    @staticmethod
    def template(row):
        before, _, after = json.dumps({**row, "correlation_id": "sent-#"}).partition("#")
        return row["account_id"], f"{row['account_id']}\t{before}", f"{after}\n"

    def run(self, result):
        """In a process of its own. Sends the last mark of each account, how many there were, and how late."""
        producer = subprocess.Popen(
            ["kcat", "-P", "-q", "-b", self.bootstrap, "-t", self.topic, "-K", "\t", "-X", "linger.ms=0", "-X",
             "topic.partitioner=murmur2", "-X", "acks=1"], stdin=subprocess.PIPE)
        chance, late_s, last = random.Random(1), 0.0, {}
        count = int(self.rate * self.seconds)
        begin = time.monotonic()
        for number in range(count):
            wait = begin + number / self.rate - time.monotonic()
            if wait > 0:
                producer.stdin.flush()
                time.sleep(wait)
            late_s = max(late_s, -wait)
            key, before, after = chance.choice(self.templates)
            mark = time.time_ns()
            producer.stdin.write(f"{before}{mark}{after}".encode())
            last[key] = f"sent-{mark}"
        producer.stdin.close()
        producer.wait()
        result.send((last, count, late_s))


class Aside:
    """Something that runs in a process of its own, and its result."""

    def __init__(self, run):
        forked = multiprocessing.get_context("fork")
        self._result, end = forked.Pipe(duplex=False)
        self._process = forked.Process(target=run, args=(end,), daemon=True)
        self._process.start()
        end.close()

    async def result(self):
        while not self._result.poll():
            if not self._process.is_alive():
                raise measuring.RunFailed("a process of the measurement has failed")
            await asyncio.sleep(0.1)
        return self._result.recv()


class Streams:
    """All that are open. Looking at each whenever something is waited for would delay them."""

    def __init__(self, gateway):
        self.gateway, self.tasks, self.opened, self.failed = gateway, [], 0, []

    def begin(self, query, take):
        task = asyncio.create_task(follow(self.gateway, f"{query}&{SELECTED}", take, self._open))
        task.add_done_callback(lambda ended: ended.cancelled() or self.failed.append(ended))
        self.tasks.append(task)

    def _open(self):
        self.opened += 1

    async def wait(self, seconds):
        await asyncio.sleep(seconds)
        for task in self.failed:
            task.result()

    async def all_open(self):
        while self.opened < len(self.tasks):
            await self.wait(0.2)

    async def close(self):
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


async def open_all(gateway, there, arguments, delays, whole):
    """The streams, which have what there is."""
    streams = Streams(gateway)
    begin = streams.begin
    begin("accounts=*", whole.take)
    ids = there.ids[:]
    there.chance.shuffle(ids)
    for number in range(arguments.readers):
        own = ids[number::arguments.readers]
        if own:
            begin("accounts=" + urllib.parse.quote(",".join(own), safe=","), delays.take)
        if number % 100 == 0 and there.managers:  # its updates are not counted: others have them, too
            begin("members_of=" + urllib.parse.quote("manager:" + there.chance.choice(there.managers)), len)
        if number % 50 == 0:
            await streams.wait(0.02)
    await streams.all_open()
    return streams


async def measure_all(gateway, there, arguments):
    delays, whole = Delays(), State()
    streams = await open_all(gateway, there, arguments, delays, whole)
    measuring.note(f"{len(streams.tasks)} streams are open and have what there is")
    delays.begun = True
    updates = Aside(Updates(there, arguments.rate, arguments.seconds).run)
    cut = Aside(CutReader(gateway, arguments.cuts).run)
    last, sent, late_s = await updates.result()
    deadline = time.monotonic() + SETTLE_S
    while any(whole.rows.get(key) != mark for key, mark in last.items()):
        if time.monotonic() > deadline:
            raise measuring.RunFailed("updates did not arrive")
        await streams.wait(0.2)
    await streams.wait(2)
    delays.begun = False
    resumed = State()
    resumed.last_id, resumed.rows = await cut.result()
    # The last time that it resumes it is not cut off.
    streams.begin(f"accounts=*&last_event_id={urllib.parse.quote(resumed.last_id)}", resumed.take)
    await asyncio.wait_for(streams.all_open(), SETTLE_S)
    await streams.close()
    if resumed.rows != whole.rows:
        raise measuring.RunFailed("the reader that was cut off does not have what the other one has")
    return {"delays_ms": delays.milliseconds, "sent": sent, "delivered": len(delays.milliseconds),
            "sent_late_max_ms": round(late_s * 1e3, 1), "cuts": arguments.cuts}


def measure(gateway, there, arguments):
    """Delays in milliseconds. RunFailed: an update did not arrive, or the reader that is cut off ends with something else."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, arguments.readers + 1_000)), hard))
    return asyncio.run(measure_all(gateway, there, arguments))
