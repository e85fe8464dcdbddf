"""A whole system for the tests of the page: a generated company on a real Kafka, a worker and a gateway, each a process
that can be killed."""

import datetime
import json
import os
import subprocess
import sys
import tempfile
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "broker"))

import deployment  # noqa: E402  (tests/broker)

QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
BIRKEN, NORDEN, ELBTAL = "K-1001", "K-1002", "K-1003"  # in trouble, growing, its contract lapses
COMPANY = ("--company",)
MANAGER = "manager:M. Keller"


def _now():
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class System:
    """Its company's last day is yesterday, so that what is sent now comes after all of it."""

    def __init__(self, keyfold, bootstrap, accounts=20, tokens=False, webhooks=(), history=COMPANY):
        """`webhooks` as the configuration has them, `history` for `keyfold sample`."""
        self._directory = tempfile.TemporaryDirectory()
        self.target = deployment.Deployment(keyfold, bootstrap, self._directory.name)
        self.tokens_file = os.path.join(self._directory.name, "tokens.json") if tokens else None
        flags = ["--gateway.tokens_file", self.tokens_file] if tokens else []
        if webhooks:
            flags += ["--config", self._write_config(webhooks)]
        self.gateway = deployment.Gateway(self.target, flags)
        self.accounts = accounts
        self.history = history
        self.worker = None
        self._events = 0
        self.last_day = datetime.datetime.now(datetime.timezone.utc).date() - datetime.timedelta(days=1)

    def start(self):
        history = os.path.join(self._directory.name, "company.jsonl")
        subprocess.run([self.target.keyfold, "sample", *self.history, "--accounts", str(self.accounts), "--to",
                        str(self.last_day), "--out", history], check=True, **QUIET)
        self.target.call("topics", "--create", "--partitions", "3", **QUIET)
        # As of now: each account is evaluated once, not on each of nine hundred days.
        self.target.call("produce", history, **QUIET)
        self.target.call("run", "--instance", "a", "--until-end", **QUIET)
        if self.tokens_file:
            self.admin_token = self._make_token("--name", "Administrator", "--role", "admin")
            self.manager_token = self._make_token("--name", "M. Keller", "--group", MANAGER)
        self.start_worker()
        self.gateway.start()
        self.gateway.wait_until_ready()
        return self

    def _write_config(self, webhooks):
        path = os.path.join(self._directory.name, "keyfold.yaml")
        with open(path, "w", encoding="utf-8") as config:
            json.dump({"webhooks": list(webhooks)}, config)
        return path

    def _make_token(self, *arguments):
        made = subprocess.run([self.target.keyfold, "token", "make", *arguments, "--gateway.tokens_file",
                               self.tokens_file], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        return made.stdout.decode("ascii").strip()

    def start_worker(self):
        self.worker = self.target.start("--instance", "a")

    def kill_worker(self):
        self.worker.kill()
        self.worker.wait()

    def stop(self):
        """Ends what was started. Says which process did not end as it should."""
        problems = []
        if self.gateway.process and (status := self.gateway.stop()) != 0:
            problems.append(f"serve ended with {status}")
        if self.worker:
            self.worker.terminate()
            if (status := self.worker.wait(timeout=60)) != 0:
                problems.append(f"run ended with {status}")
        if problems:
            problems.append(self.target.last_words())
        self._directory.cleanup()
        return problems

    def url(self, path="/"):
        return f"http://127.0.0.1:{self.gateway.port}{path}"

    def get(self, path):
        """A document of the API, as somebody who sees everything."""
        status, document = self.gateway.get(path, self.admin_token if self.tokens_file else None)
        assert status == 200, (path, status, document)
        return document

    def streams(self):
        """How many the gateway has open."""
        headers = {"Authorization": f"Bearer {self.admin_token}"} if self.tokens_file else {}
        with urllib.request.urlopen(urllib.request.Request(self.url("/metrics"), headers=headers)) as answer:
            lines = answer.read().decode("utf-8").splitlines()
        return next(int(line.split(" ")[1]) for line in lines if line.startswith("keyfold_gateway_streams "))

    def send(self, account, **payload):
        """One event that occurs now, by `keyfold produce`. Returns when it is in the topic."""
        self._events += 1
        event = {"event_id": f"test-{self._events}", "account_id": account, "occurred_at": _now(), **payload}
        self.target.call("produce", "-", input=(json.dumps(event) + "\n").encode("utf-8"), **QUIET)

    def send_invoice(self, account, euros, **fields):
        invoice = self._invoice(f"TEST-{self._events + 1}", euros, **fields)
        self.send(account, invoice_issued=invoice)
        return invoice["invoice_id"]

    def send_many(self, accounts, count, rate):
        """Invoices of one account after the other, so many a second. Returns the process that sends them."""
        path = os.path.join(self._directory.name, "many.jsonl")
        now = _now()
        with open(path, "w", encoding="utf-8") as lines:
            for number in range(count):
                lines.write(json.dumps({
                    "event_id": f"many-{number}", "account_id": accounts[number % len(accounts)], "occurred_at": now,
                    "invoice_issued": self._invoice(f"MANY-{number}", 1 + number % 900)}) + "\n")
        return subprocess.Popen([self.target.keyfold, "produce", path, "--rate", str(rate), *self.target.flags], **QUIET)

    @staticmethod
    def _invoice(number, euros, **fields):
        return {"invoice_id": number, "lines": [{
            "line_id": "1", "product_id": "servo-drive-400", "category": "drives", "sale_type": "BASE",
            "quantity": 1000, "net": {"currency_code": "EUR", "minor": 100 * euros},
            "cost": {"currency_code": "EUR", "minor": 60 * euros}}], **fields}
