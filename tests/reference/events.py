"""The input contract: which records are valid, and what an accepted record is."""

import math

import civil
from currencies import DIGITS
from protojson import Undecodable, parse_record
from schema import CONTROL, ENUMS, FOUNDING, MESSAGES, PAYLOADS, TERMINAL

RECORD_BYTES_MAX = 1 << 20
ID_BYTES_MAX = 128
MINOR_MAX = 10**15
# 1970-01-01T00:00Z <= t < 2201-01-01T00:00Z
_SECONDS_END = civil.day_number(2201, 1, 1) * 86400


class Rejected(Exception):
    """A record that goes to the dead letters."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code, self.message = code, message


def _invalid(field, why):
    raise Rejected("invalid", f"{field}: {why}")


class Event:
    """An accepted record. `payload` holds the payload's set fields."""

    def __init__(self, fields):
        self.fields = fields
        self.type = next(name for name in fields if name in PAYLOADS)
        self.payload = fields[self.type]
        self.event_id = fields.get("event_id", "")
        self.account_id = fields.get("account_id", "")
        self.revision = fields.get("revision", 0)
        self.retracted = fields.get("retracted", False)
        # "each timestamp is first floored to whole seconds" where seconds are measured; nanoseconds only sort.
        self.seconds = fields["occurred_at"].get("seconds", 0)
        self.nanos = fields["occurred_at"].get("nanos", 0)
        kind, key, _ = PAYLOADS[self.type]
        if kind == "fx":
            self.entity = (kind, (self.payload.get("currency_code", ""), self.payload.get("month", "")))
        else:
            self.entity = (kind, self.payload.get(key, "") if key else "")

    def sort_key(self):
        """occurred_at in nanoseconds, then founding events first and terminal events last, then event_id bytewise."""
        rank = 0 if self.type in FOUNDING else 2 if self.type in TERMINAL else 1
        return self.seconds, self.nanos, rank, self.event_id.encode()

    def content(self):
        """What tells a duplicate from a conflict: everything but correlation_id."""
        return repr(_canonical({name: value for name, value in self.fields.items() if name != "correlation_id"}))

    def stakeholders(self):
        """The secondary entities that this revision names."""
        if self.type != "meeting_held" or self.retracted:
            return set()
        return set(self.payload.get("stakeholder_ids", ()))  # a repeated member counts once


def _canonical(value):
    if isinstance(value, dict):
        return sorted((name, _canonical(part)) for name, part in value.items())
    if isinstance(value, list):
        return [_canonical(part) for part in value]
    return value


def check_id(field, text, required):
    if required and not text:
        _invalid(field, "missing")
    if len(text.encode()) > ID_BYTES_MAX:
        _invalid(field, "longer than 128 bytes")


def _moment(field, timestamp):
    seconds, nanos = timestamp.get("seconds", 0), timestamp.get("nanos", 0)
    if not 0 <= seconds < _SECONDS_END or not 0 <= nanos < 10**9:
        _invalid(field, "outside 1970-2200")


def _money(field, money, required):
    if money is None:
        if required:
            _invalid(field, "missing")
        return
    if money.get("currency_code", "") not in DIGITS:
        _invalid(field, "unknown currency")
    if "minor" not in money:  # a mistyped field name must not become 0.00
        _invalid(field, "no minor")
    if abs(money["minor"]) > MINOR_MAX:
        _invalid(field, "beyond 10^15")


def _date(payload, field, required):
    text = payload.get(field, "")
    if not text:
        if required:
            _invalid(field, "missing")
        return None
    day = civil.parse_date(text)
    if day is None:
        _invalid(field, "not a date")
    return day


def _month(payload, field):
    if civil.parse_month(payload.get(field, "")) is None:
        _invalid(field, "not a month")


def _within(field, value, low, high):
    if not low <= value <= high:  # NaN is not within anything
        _invalid(field, f"not in {low}..{high}")


# Money that must be there, and Money that may be absent (0 or unchanged).
_MONEY_REQUIRED = {
    "potential_assessed": "annual_potential", "plan_approved": "baseline_revenue", "cost_booked": "amount",
    "contract_signed": "annual_value", "quote_issued": "amount", "opportunity_created": "amount",
    "forecast_submitted": "revenue"}
_MONEY_OPTIONAL = {
    "contract_amended": "annual_value", "contract_renewed": "annual_value", "quote_revised": "amount",
    "opportunity_updated": "amount", "opportunity_won": "amount"}
_DATES_REQUIRED = {
    "plan_approved": ("start_date", "end_date"), "contract_signed": ("start_date",),
    "contract_amended": ("effective_date",), "contract_renewed": ("end_date",),
    "contract_terminated": ("effective_date",), "quote_issued": ("valid_until",)}
_DATES_OPTIONAL = {
    "order_placed": ("promised_date",), "order_changed": ("promised_date",), "contract_signed": ("end_date",),
    "contract_amended": ("end_date",), "contract_renewed": ("start_date",), "quote_revised": ("valid_until",),
    "opportunity_created": ("expected_close",), "opportunity_updated": ("expected_close",)}
_SHORT_TEXTS = ("segment", "region", "industry", "manager_id", "parent_id")
_OTHER_IDS = {
    "invoice_issued": "order_id", "credit_note_issued": "invoice_id", "survey_answered": "stakeholder_id"}


def _check_lines(name, payload):
    for line in payload.get("lines", ()):
        check_id("line_id", line.get("line_id", ""), False)
        check_id("product_id", line.get("product_id", ""), False)
        _enum("sale_type", "SaleType", line)
        _money("net", line.get("net"), True)
        _money("cost", line.get("cost"), False)
        if name == "credit_note_issued":
            for field in ("net", "cost"):
                if line.get(field, {}).get("minor", 0) < 0:
                    _invalid(field, "negative")


def _enum(field, kind, message):
    if not 1 <= message.get(field, 0) < len(ENUMS[kind]):
        _invalid(field, "missing or unknown")


def _check_numbers(name, payload):
    if name == "potential_assessed":
        _within("strategic_importance", payload.get("strategic_importance", 0), 0, 100)
    if name == "plan_approved":
        for field in ("target_growth", "min_margin"):
            _within(field, payload.get(field, 0.0), -1_000_000, 1_000_000)
    if name == "opportunity_created" and "probability" not in payload:
        _invalid("probability", "missing")
    if "probability" in payload:
        _within("probability", payload["probability"], 0, 100)
    if name == "survey_answered":
        if "score" not in payload:
            _invalid("score", "missing")
        nps = ENUMS["SurveyKind"][payload["kind"]] == "NPS"
        _within("score", payload["score"], *((0, 10) if nps else (1, 5)))
    if name == "fx_rate_set":
        rate = payload.get("rate", 0.0)
        if not math.isfinite(rate) or not 1e-9 <= rate <= 1e9:
            _invalid("rate", "not within 1e-9..1e9")


def _check_payload(name, payload):
    for field, kind in MESSAGES[name].items():
        if kind in ENUMS:
            _enum(field, kind, payload)
    for field in _SHORT_TEXTS:
        check_id(field, payload.get(field, ""), False)
    if name in _OTHER_IDS:
        check_id(_OTHER_IDS[name], payload.get(_OTHER_IDS[name], ""), False)
    if name in ("plan_approved", "plan_closed"):
        # The entity key is the account's plans: a plan_id is not listed as required, and may be empty.
        check_id("plan_id", payload.get("plan_id", ""), False)
    for member in payload.get("stakeholder_ids", ()):
        check_id("stakeholder_ids", member, True)
    if name in _MONEY_REQUIRED:
        _money(_MONEY_REQUIRED[name], payload.get(_MONEY_REQUIRED[name]), True)
    if name in _MONEY_OPTIONAL:
        _money(_MONEY_OPTIONAL[name], payload.get(_MONEY_OPTIONAL[name]), False)
    days = {field: _date(payload, field, True) for field in _DATES_REQUIRED.get(name, ())}
    days |= {field: _date(payload, field, False) for field in _DATES_OPTIONAL.get(name, ())}
    if name == "plan_approved" and days["end_date"] <= days["start_date"]:
        _invalid("end_date", "not after start_date")
    if name in ("contract_signed", "contract_renewed"):  # of a renewal that has both
        if None not in (days["start_date"], days["end_date"]) and days["end_date"] < days["start_date"]:
            _invalid("end_date", "before start_date")
    if name == "meeting_scheduled":
        if "scheduled_for" not in payload:
            _invalid("scheduled_for", "missing")
        _moment("scheduled_for", payload["scheduled_for"])
    _check_lines(name, payload)
    _check_numbers(name, payload)


def _check_entity_key(event, reporting_currency):
    kind, key, _ = PAYLOADS[event.type]
    if kind == "forecast":
        _month(event.payload, "period")
    elif kind == "fx":
        if event.payload.get("currency_code", "") not in DIGITS:
            _invalid("currency_code", "unknown currency")
        if event.payload["currency_code"] == reporting_currency:
            _invalid("currency_code", "is the reporting currency")
        _month(event.payload, "month")
    elif key:
        check_id(key, event.payload.get(key, ""), True)


def decode(record, reporting_currency):
    """bytes of one record -> Event. Raises Rejected."""
    if len(record) > RECORD_BYTES_MAX:
        raise Rejected("too_large", "over 1 MiB")
    try:
        fields = parse_record(record)
    except Undecodable as error:
        raise Rejected("undecodable", str(error)) from error
    if not any(name in PAYLOADS for name in fields):
        _invalid("payload", "none")
    if "occurred_at" not in fields:
        _invalid("occurred_at", "missing")
    event = Event(fields)
    check_id("event_id", event.event_id, True)
    check_id("correlation_id", fields.get("correlation_id", ""), False)
    if event.type in CONTROL:
        if event.account_id:
            _invalid("account_id", "not empty in a control payload")
    else:
        check_id("account_id", event.account_id, True)
    _moment("occurred_at", fields["occurred_at"])
    _check_entity_key(event, reporting_currency)
    # Of a retracted record only the envelope, the one payload and the entity key are checked.
    if not event.retracted:
        _check_payload(event.type, event.payload)
    return event
