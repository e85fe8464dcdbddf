"""What broker tests ask a gateway beside the latest values: events, what is open, what falls due, sessions, tokens."""

import datetime
import http.client
import json
import subprocess
import threading
import time
import urllib.parse


class Client:
    """Asks a gateway with headers of its own."""

    def __init__(self, port, **headers):
        self.port = port
        self.headers = headers

    def ask(self, method, path, body=None, **headers):
        """Status, document and the header Set-Cookie."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            sent = {name.replace("_", "-"): value for name, value in {**self.headers, **headers}.items()}
            if body is not None:
                sent["Content-Type"] = "application/json"
            connection.request(method, path, None if body is None else json.dumps(body), sent)
            response = connection.getresponse()
            return response.status, json.loads(response.read()), response.getheader("Set-Cookie", "")
        finally:
            connection.close()

    def pages(self, path, name):
        """Every row of a list."""
        cursor = ""
        while True:
            status, page, _ = self.ask("GET", f"{path}&cursor={urllib.parse.quote(cursor)}")
            assert status == 200, page
            yield from page[name]
            cursor = page.get("next_cursor", "")
            if not cursor:
                return


def post(port, path, body, headers):
    """Status and document."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("POST", path, body, headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


class Senders:
    """Threads that send what waits, until nothing does. Each is a run(); `lock` guards what they share."""

    COUNT = 4

    def __init__(self, waiting):
        self.waiting, self.problems = list(waiting), []
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.run, daemon=True) for _ in range(self.COUNT)]

    def start(self):
        for thread in self.threads:
            thread.start()

    def join(self):
        deadline = time.monotonic() + 300
        for thread in self.threads:
            thread.join(timeout=max(0.0, deadline - time.monotonic()))
        if any(thread.is_alive() for thread in self.threads):
            self.problems.append("not everything was accepted in time")


def event_problems(client, account, lines):
    """Whether the account's events are those that were sent, each once, the latest first."""
    sent = {}
    for line in lines:
        event = json.loads(line)
        if event.get("account_id") == account:
            sent[event["event_id"]] = max(sent.get(event["event_id"], 0), event.get("revision", 0))
    path = f"/v1/accounts/{urllib.parse.quote(account)}/events"
    listed = list(client.pages(path + "?limit=37", "events"))
    problems = []
    if {event["event_id"]: event["revision"] for event in listed} != sent or len(listed) != len(sent):
        problems.append(f"{account}: {len(sent)} events were sent, {len(listed)} are listed, or others")
    times = [event["occurred_at"].rstrip("Z") for event in listed]
    if times != sorted(times, key=lambda text: datetime.datetime.fromisoformat(text[:26]), reverse=True):
        problems.append(f"{account}: the events are not in the order of time")
    status, whole, _ = client.ask("GET", f"{path}/{urllib.parse.quote(listed[0]['event_id'])}")
    if status != 200 or whole["events"][0]["event"][listed[0]["type"]] is None:
        problems.append(f"{account}: its latest event is not to be had: {whole}")
    return problems


def due_problems(client, accounts):
    """Whether what falls due of all accounts is what each of them has open that falls due."""
    due = list(client.pages("/v1/due?limit=23", "due"))
    problems = [] if due else ["nothing falls due: the test says nothing of it"]
    days = [thing["due"] for thing in due]
    if days != sorted(days):
        problems.append("what falls due is not in the order of days")
    status, page, _ = client.ask("GET", "/v1/due?limit=1")
    first, last = page["from"], page["to"]
    expected = []
    for account in accounts:
        status, document, _ = client.ask("GET", f"/v1/accounts/{urllib.parse.quote(account)}/open")
        if status != 200:
            problems.append(f"{account}: {document}")
            continue
        for thing in document["open"]:
            counts = thing["kind"] != "opportunity" or "amount" in thing
            if counts and thing["kind"] in ("contract", "quote", "opportunity", "order", "meeting") and \
                    first <= thing.get("due", "") <= last:
                expected.append((account, thing["kind"], thing["id"], thing["due"]))
    # What begins later and ends in the period falls due, too, but is not open yet.
    found = [(thing["account_id"], thing["kind"], thing["id"], thing["due"]) for thing in due if thing["since"] <= first]
    if sorted(found) != sorted(expected):
        problems.append(f"due are {sorted(set(found) - set(expected))} beside, and not {sorted(set(expected) - set(found))}")
    return problems


def _eventually(holds):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.1)
    return False


def make_token(keyfold, file, *arguments):
    made = subprocess.run([keyfold, "token", "make", "--gateway.tokens_file", file, *arguments], check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return made.stdout.decode("utf-8").strip()


def sign_in_problems(port, admin_token, group):
    """A browser signs in with an administrator's token, makes a token for a group, and ends it."""
    problems = []

    def expect(what, found, wanted):
        if found != wanted:
            problems.append(f"{what}: {found} instead of {wanted}")

    expect("nobody", Client(port).ask("GET", "/v1/session")[0], 401)
    status, session, cookie = Client(port, Authorization="Bearer " + admin_token).ask("POST", "/v1/session")
    expect("signing in", status, 200)
    expect("the cookie", "HttpOnly" in cookie and "SameSite=Strict" in cookie, True)
    browser = Client(port, Cookie=cookie.split(";")[0])
    status, session, _ = browser.ask("GET", "/v1/session")
    expect("who is signed in", (status, session.get("signed_in_by"), session.get("roles")), (200, "cookie", ["admin"]))
    new = {"name": "one group", "groups": [group]}
    expect("a page of elsewhere", browser.ask("POST", "/v1/tokens", new, Origin="http://evil.example")[0], 403)
    status, made, _ = browser.ask("POST", "/v1/tokens", new, Origin=f"http://127.0.0.1:{port}")
    expect("making a token", status, 200)
    reader = Client(port, Authorization="Bearer " + made["secret"])
    expect("the new token", _eventually(lambda: reader.ask("GET", "/v1/groups")[0] == 200), True)
    expect("what it sees", [row["group_id"] for row in reader.ask("GET", "/v1/groups")[1]["groups"]], [group])
    expect("what it may not", reader.ask("GET", "/v1/tokens")[0], 403)
    path = "/v1/tokens/" + made["token"]["id"]
    expect("ending it", browser.ask("DELETE", path, Origin=f"http://127.0.0.1:{port}")[0], 200)
    expect("the ended token", _eventually(lambda: reader.ask("GET", "/v1/groups")[0] == 401), True)
    expect("signing out", "Max-Age=0" in browser.ask("DELETE", "/v1/session", Origin=f"http://127.0.0.1:{port}")[2], True)
    return problems
