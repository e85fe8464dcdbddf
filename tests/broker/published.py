"""What was published, against what `keyfold fold` says."""

import json
import subprocess

TOLERANCE = 1e-9


def fold(keyfold, files, day, *flags):
    """The lines of `keyfold fold` by account id, or group id."""
    output = subprocess.run([keyfold, "fold", *files, "--as-of", day, *flags], check=True, stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL).stdout
    lines = map(json.loads, output.splitlines())
    return {line.get("account_id") or line["group_id"]: line for line in lines}


def same(a, b):
    return abs(a - b) <= TOLERANCE * max(1.0, abs(a), abs(b))


def differences(name, published, expected):
    for kpi in sorted(set(published["kpis"]) | set(expected["kpis"])):
        a, b = published["kpis"].get(kpi), expected["kpis"].get(kpi)
        if a is None or b is None or not same(a, b):
            yield f"{name} {kpi}: published {a}, fold says {b}"
    if published["missing_rates"] != expected["missing_rates"]:
        yield f"{name} missing_rates: {published['missing_rates']} and {expected['missing_rates']}"
    if int(published["accounts"]) != expected.get("accounts", 0):
        yield f"{name} accounts: {published['accounts']} and {expected['accounts']}"


def compare(published, expected):
    """What differs between two dictionaries of lines."""
    for name in sorted(set(published) | set(expected)):
        if name not in published or name not in expected:
            yield f"{name}: published {name in published}, expected {name in expected}"
        else:
            yield from differences(name, published[name], expected[name])


AFRESH = ("DEFINITION", "RECOVERY")  # causes of records that are published without knowledge of the one before


def said(update):
    """An update without what says why it is there, and of when."""
    return {field: value for field, value in update.items()
            if field not in ("as_of", "changed", "source_offset", "correlation_id", "cause", "cause_event", "recorded_at")}


def wrong_changes(key, before, update):
    """What is wrong with an update's `changed`, and whether it repeats the one before (None: there is none)."""
    afresh = update["cause"] in AFRESH
    old, new = before["kpis"] if before else {}, update["kpis"]
    expected = {} if afresh else {kpi: old.get(kpi) for kpi in old.keys() | new.keys() if old.get(kpi) != new.get(kpi)}
    changed = {change["id"]: change.get("from") for change in update["changed"]}
    if changed != expected or len(changed) != len(update["changed"]):
        yield f"{key} by {update['source_offset']}: changed is {changed}, what differs is {expected}"
    if before and not afresh and said(before) == said(update):
        yield f"{key} by {update['source_offset']} repeats the record before"


def last_published(updates, problems):
    """How many updates there are, and the last one of every key that has one. Versions must rise, and every update must
    say what differs from the one before."""
    last, version = {}, {}
    records = 0
    for key, payload in updates:
        records += 1
        if payload is None:
            if key not in last and ":" not in key:
                problems.append(f"{key}: a tombstone, but it was not published")
            last.pop(key, None)
            continue
        update = json.loads(payload)
        position = int(update["source_offset"])
        if position <= version.get(key, -1):
            problems.append(f"{key}: offset {position} after {version[key]}: published twice, or out of order")
        version[key] = position
        problems.extend(wrong_changes(key, last.get(key), update))
        last[key] = update
    return records, last


# The alerts of the shipped catalogue that KPIs tell, by whether they are raised for a customer.
FLAGS = {
    "at_risk": lambda kpis: kpis["at_risk"] == 1,
    "severe_escalation_open": lambda kpis: kpis["escalations_severe_open"] > 0,
    "contract_due": lambda kpis: kpis["contracts_due_90d"] > 0,
    "executive_review_missing": lambda kpis: kpis["reviews_missing"] > 0,
    "revenue_falling": lambda kpis: kpis.get("revenue_growth", 0) < -0.1,
    "margin_below_floor": lambda kpis: kpis.get("plan_margin_headroom", 0) < 0,
    "plan_off_track": lambda kpis: kpis.get("plan_attainment", 1) < 0.9,
    "decision_makers_not_met": lambda kpis: kpis.get("stakeholder_coverage", 1) < 0.5,
    "forecast_far_off": lambda kpis: kpis.get("forecast_accuracy", 1) < 0.7,
}
OF_ALL_ACCOUNTS = ("severe_escalation_open",)  # also of those that are no customers


def last_alerts(alerts, problems):
    """How many records there are, and the keys of the alerts that are raised in the end. Each is raised and cleared in
    turn, and versions rise."""
    raised, version = set(), {}
    records = 0
    for key, payload in alerts:
        records += 1
        was_raised = key in raised
        raised.discard(key)
        if payload is None:
            continue
        alert = json.loads(payload)
        position = int(alert["source_offset"])
        if position <= version.get(key, -1):
            problems.append(f"{key}: offset {position} after {version[key]}: published twice, or out of order")
        if alert["raised"] == was_raised and alert["cause"] not in AFRESH:
            problems.append(f"{key} by {position} repeats the alert before")
        version[key] = position
        if alert["raised"]:
            raised.add(key)
    return records, raised


def compare_alerts(raised, accounts):
    """What differs between the alerts that are raised and those that the accounts' last updates ask for."""
    for account_id, update in accounts.items():
        kpis = update["kpis"]
        for alert, flag in FLAGS.items():
            expected = flag(kpis) and (kpis["customers"] > 0 or alert in OF_ALL_ACCOUNTS)
            if (f"account/{alert}/{account_id}" in raised) != expected:
                yield f"{account_id}: {alert} is {'not ' if expected else ''}raised, its KPIs say otherwise"
    for key in raised:
        if key.split("/", 2)[2] not in accounts:
            yield f"{key} is raised, and the account is gone"
