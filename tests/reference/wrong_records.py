"""Records that must be rejected: every kind that the contract lists, and some that only look wrong."""

import json

_EUR = {"currency_code": "EUR", "minor": 100}
_LINE = {"line_id": "1", "sale_type": "BASE", "quantity": 1000, "net": _EUR, "cost": _EUR}
_PLAN = {"plan_id": "P1", "start_date": "2025-01-01", "end_date": "2025-12-31", "baseline_revenue": _EUR,
         "target_growth": 0.1, "min_margin": 0.1}
_CONTRACT = {"contract_id": "1", "start_date": "2025-01-31", "end_date": "2025-05-31", "annual_value": _EUR}
_OPPORTUNITY = {"opportunity_id": "1", "sale_type": "BASE", "amount": _EUR, "probability": 50,
                "expected_close": "2025-02-28"}
_QUOTE = {"quote_id": "1", "amount": _EUR, "valid_until": "2025-04-01"}
_FX = {"currency_code": "MXN", "month": "2025-01", "rate": 0.05}
_LONG = "x" * 129
_LONG_UTF8 = "ü" * 65  # 130 bytes, 65 characters
_JUST = "ü" * 64


def _without(message, field):
    return {name: value for name, value in message.items() if name != field}


def _dates():
    for text in ("2025-02-30", "2025-2-03", "25-01-01", "2025-13-01", "2025-00-10", "20250101", "2025-01-01T00:00:00Z",
                 " 2025-01-01", "1969-12-31", "2201-01-01", "2023-02-29", "２０２５-01-01", "2025-01-32"):
        yield {"quote_issued": _QUOTE | {"valid_until": text}}
        yield {"order_placed": {"order_id": "1", "promised_date": text}}
        yield {"opportunity_updated": {"opportunity_id": "1", "expected_close": text}}
        yield {"contract_terminated": {"contract_id": "1", "effective_date": text}}
        yield {"contract_renewed": {"contract_id": "1", "end_date": "2026-12-31", "start_date": text}}
    for text in ("2025-13", "2025-1", "2025", "2025-01-01", "", "1969-12", "2201-01", "2025-00", "202501"):
        yield {"forecast_submitted": {"period": text, "revenue": _EUR}}
        yield {"forecast_submitted": {"period": text}, "retracted": True, "revision": 1}
        yield {"account_id": None, "fx_rate_set": _FX | {"month": text}}


def _enums():
    for value in ("", "BANANA", "low", "EXECUTIVE-REVIEW", 0, 9, -1, "0", "9", 1.5, True, None, [1], {}):
        yield {"risk_flagged": {"risk_id": "1", "severity": value}}
        yield {"meeting_held": {"meeting_id": "1", "kind": value}}
        yield {"key_account_designated": {"tier": value}}
        yield {"order_placed": {"order_id": "1", "lines": [_LINE | {"sale_type": value}]}}
        yield {"escalation_opened": {"escalation_id": "1", "severity": "LOW", "department": value}}
        yield {"cost_booked": {"cost_id": "1", "kind": value, "amount": _EUR}}
        yield {"stakeholder_updated": {"stakeholder_id": "1", "role": value}}
        yield {"initiative_started": {"initiative_id": "1", "kind": value}}
        yield {"survey_answered": {"response_id": "1", "kind": value, "score": 3}}


def _money():
    for value in (None, {}, {"minor": 5}, {"currency_code": "EUR"}, {"currency_code": "EUR", "minr": 5},
                  {"currency_code": "EUR", "minor": None}, {"currency_code": "EUR", "minor": ""}, {"currency_code": "eur", "minor": 1}, {"currency_code": "QQQ", "minor": 1},
                  {"currency_code": "EUR", "minor": 10**15 + 1}, {"currency_code": "EUR", "minor": -10**15 - 1},
                  {"currency_code": "EUR", "minor": "9223372036854775808"}, {"currency_code": "EUR", "minor": 1.5},
                  {"currency_code": "EUR", "minor": "1e3"}, {"currency_code": "EUR", "minor": -9223372036854775808},
                  "EUR 5", 7, []):
        yield {"cost_booked": {"cost_id": "1", "kind": "SALES", "amount": value}}
        yield {"invoice_issued": {"invoice_id": "1", "lines": [_LINE | {"net": value}]}}
        yield {"forecast_submitted": {"period": "2025-03", "revenue": value}}
        yield {"potential_assessed": {"annual_potential": value, "strategic_importance": 10}}
        yield {"plan_approved": _PLAN | {"baseline_revenue": value}}
        yield {"contract_signed": _CONTRACT | {"annual_value": value}}
        yield {"quote_issued": _QUOTE | {"amount": value}}
        yield {"opportunity_created": _OPPORTUNITY | {"amount": value}}
        if value is not None:
            yield {"opportunity_won": {"opportunity_id": "1", "amount": value}}
            yield {"contract_renewed": {"contract_id": "1", "end_date": "2027-01-01", "annual_value": value}}
            yield {"order_changed": {"order_id": "1", "lines": [_LINE | {"cost": value}]}}
            yield {"contract_amended": {"contract_id": "1", "effective_date": "2025-03-01", "annual_value": value}}
            yield {"opportunity_updated": {"opportunity_id": "1", "amount": value}}
            yield {"quote_revised": {"quote_id": "1", "amount": value}}
    for field in ("net", "cost"):
        yield {"credit_note_issued": {
            "credit_note_id": "1", "lines": [_LINE, _LINE | {field: {"currency_code": "EUR", "minor": -1}}]}}


def _ids():
    for text in ("", None, _LONG, _LONG_UTF8, 5, ["1"]):
        yield {"order_cancelled": {"order_id": text}}
        yield {"opportunity_reopened": {"opportunity_id": text}}
        yield {"order_placed": {"order_id": text}, "retracted": True, "revision": 1}
        yield {"plan_closed": {"plan_id": text}}
        yield {"meeting_held": {"meeting_id": "1", "kind": "NEGOTIATION", "stakeholder_ids": ["1", text or ""]}}
        yield {"event_id": text, "account_churned": {}}
        yield {"account_id": text, "account_churned": {}}
    for text in (_LONG, _LONG_UTF8):
        yield {"invoice_issued": {"invoice_id": "1", "order_id": text}}
        yield {"credit_note_issued": {"credit_note_id": "1", "invoice_id": text}}
        yield {"survey_answered": {"response_id": "1", "kind": "NPS", "score": 5, "stakeholder_id": text}}
        yield {"order_changed": {"order_id": "1", "lines": [_LINE | {"line_id": text}]}}
        yield {"order_changed": {"order_id": "1", "lines": [_LINE | {"product_id": text}]}}
        yield {"manager_assigned": {"manager_id": text}}
        yield {"account_churned": {}, "correlation_id": text}
        for field in ("segment", "region", "industry", "parent_id"):
            yield {"account_classified": {field: text}}
            yield {"account_opened": {field: text}}


def _numbers():
    for value in (101, -1, "101", 50.5, True):
        yield {"opportunity_created": _OPPORTUNITY | {"probability": value}}
        yield {"opportunity_updated": {"opportunity_id": "1", "probability": value}}
        yield {"potential_assessed": {"annual_potential": _EUR, "strategic_importance": value}}
    yield {"opportunity_created": _without(_OPPORTUNITY, "probability")}
    for kind, score in (("NPS", 11), ("NPS", -1), ("CSAT", 0), ("CSAT", 6), ("CSAT", None), ("NPS", None),
                        ("NPS", "ten"), ("NPS", 2147483648)):
        yield {"survey_answered": {"response_id": "1", "kind": kind, "score": score}}
    for field in ("target_growth", "min_margin"):
        for value in (1_000_000.5, -1_000_001, "NaN", "Infinity", "-Infinity", "abc"):
            yield {"plan_approved": _PLAN | {field: value}}
    yield {"plan_approved": _PLAN | {"end_date": "2025-01-01"}}
    yield {"plan_approved": _PLAN | {"end_date": "2024-12-31"}}
    yield {"contract_signed": _CONTRACT | {"end_date": "2025-01-30"}}
    yield {"contract_renewed": {"contract_id": "1", "start_date": "2026-01-02", "end_date": "2026-01-01"}}
    for rate in (9.9e-10, 1_000_000_001, "Infinity", "NaN", 0, -1, None, "x"):
        yield {"account_id": None, "fx_rate_set": _FX | {"rate": rate}}
    for revision in (-1, 4294967296, 1.5, "x", True):
        yield {"revision": revision, "account_churned": {}}
    yield {"retracted": 1, "account_churned": {}}


def _missing():
    for field in ("start_date", "end_date", "baseline_revenue", "plan_id"):
        yield {"plan_approved": _without(_PLAN, field)}
    for field in ("start_date", "annual_value"):
        yield {"contract_signed": _without(_CONTRACT, field)}
    for field in ("amount", "valid_until"):
        yield {"quote_issued": _without(_QUOTE, field)}
    yield {"contract_amended": {"contract_id": "1", "annual_value": _EUR}}
    yield {"contract_renewed": {"contract_id": "1", "annual_value": _EUR}}
    yield {"contract_renewed": {"contract_id": "1", "start_date": "2026-01-01"}}
    yield {"contract_terminated": {"contract_id": "1"}}
    yield {"meeting_scheduled": {"meeting_id": "1", "kind": "NEGOTIATION"}}
    for text in ("1969-12-31T23:59:59Z", "2201-01-01T00:00:00Z"):
        yield {"meeting_scheduled": {"meeting_id": "1", "kind": "NEGOTIATION", "scheduled_for": text}}
    yield {}
    yield {"account_exploded": {}}
    yield {"account_churned": None}
    yield {"account_churned": {}, "account_reactivated": {}}
    yield {"invoice_issued": {"invoice_id": "1"}, "account_churned": {}}
    yield {"clock_advanced": {}}  # with an account
    yield {"fx_rate_set": _FX}
    yield {"account_id": None, "fx_rate_set": _FX | {"currency_code": "QQQ"}}
    for text in (None, "1969-12-31T23:59:59.999Z", "2201-01-01T00:00:00Z", "2201-01-01T00:59:59+01:00",
                 "1970-01-01T00:59:59+01:00", "2200-12-31T23:30:00-01:00", "2025-13-03T10:00:00Z",
                 "2025-03-03T10:00:00", "2025-03-03 10:00:00Z", "2025-02-29T10:00:00Z", "2025-03-03T24:00:00Z",
                 "2025-03-03T10:00:60Z", "2025-03-03T10:00Z", "2025-03-03T10:00:00.Z", 5, True, ""):
        yield {"occurred_at": text, "account_churned": {}}


def _only_look_wrong():
    """Valid: at the very limit, or unusual spellings."""
    yield {"account_classified": {"segment": _JUST, "parent_id": _JUST}, "correlation_id": _JUST}
    yield {"retracted": True, "revision": 1, "account_opened": {"parent_id": _LONG}}
    yield {"cost_booked": {"cost_id": _JUST, "kind": "5", "amount": {"currency_code": "EUR", "minor": 10**15}}}
    yield {"cost_booked": {"cost_id": "1", "kind": 2.0, "amount": {"currency_code": "EUR", "minor": "-7"}}}
    yield {"contract_signed": _CONTRACT | {"end_date": "2025-01-31"}}
    yield {"contract_renewed": {"contract_id": "1", "start_date": "2026-01-01", "end_date": "2026-01-01"}}
    yield {"cost_booked": {"cost_id": "1", "kind": "SALES", "amount": {"currency_code": "EUR", "minor": 0}}}
    yield {"opportunity_reopened": {"opportunity_id": "1"}}
    yield {"retracted": True, "revision": 1, "cost_booked": {"cost_id": "1", "amount": {"currency_code": "EUR"}}}
    yield {"plan_approved": _PLAN | {"target_growth": "1e-3", "min_margin": -1_000_000}}
    yield {"quote_revised": {"quote_id": "1"}}
    yield {"opportunity_created": _OPPORTUNITY | {"probability": 0, "expected_close": ""}}
    yield {"survey_answered": {"response_id": "1", "kind": "NPS", "score": 0}}
    yield {"account_classified": None, "account_churned": {}}
    yield {"order_placed": {"order_id": "1", "lines": [None, _LINE]}}
    yield {"order_placed": {"order_id": "1", "lines": _LINE}}
    yield {"retracted": "true", "revision": "1", "contract_signed": {"contract_id": "1", "start_date": "nonsense"}}
    yield {"retracted": True, "revision": 1, "survey_answered": {"response_id": "1", "score": 99}}
    yield {"retracted": True, "revision": 1, "potential_assessed": {"strategic_importance": 101}}
    yield {"retracted": True, "revision": 1, "plan_closed": {}}
    yield {"revision": 4294967295, "account_reactivated": {}}
    yield {"occurred_at": "2025-03-03T10:00:00.1234567899999Z", "account_reactivated": {}}
    yield {"occurred_at": "2025-3-3T1:2:3+0:0", "account_reactivated": {}}
    yield {"account_opened": {"name": "n" * 5000}}


def _texts():
    yield b'{"erase_account": ""}'
    yield b'{"erase_account": 5}'
    yield b'{"erase_account": "' + b"x" * 129 + b'"}'
    yield b"hello world"
    yield b"17"
    yield b"null"
    yield b'"text"'
    yield b"[]"
    yield b"{"
    yield b'{"event_id": "x", '
    yield b'{"event_id":"x"}{"event_id":"y"}'
    yield b'{"event_id":"x","account_id":"A1","occurred_at":"2025-03-03T10:00:00Z","account_churned":[]}'
    yield b'{"event_id":"x","account_id":"A1","occurred_at":"2025-03-03T10:00:00Z","account_churned":"yes"}'
    yield b'{"event_id":"\xff","account_id":"A1","occurred_at":"2025-03-03T10:00:00Z","account_churned":{}}'
    yield b'{"event_id":"\\ud800","account_id":"A1","occurred_at":"2025-03-03T10:00:00Z","account_churned":{}}'
    yield b'{"event_id":"u","account_id":"A1","occurred_at":"2025-03-03T10:00:00Z","risk_cleared":{"risk_id":01}}'
    yield (b'{"event_id":"deep","account_id":"A1","occurred_at":"2025-03-03T10:00:00Z","account_churned":{},"u":'
           + b'{"a":' * 120 + b"1" + b"}" * 121)


WRONG_TEXTS = tuple(_texts())
WRONG_FIELDS = tuple(
    fields for part in (_dates, _enums, _money, _ids, _numbers, _missing, _only_look_wrong) for fields in part())


def wrong_record(rng, number, account_id, event_id):
    """bytes of one record that is wrong, or only looks so."""
    draw = rng.random()
    if draw < 0.08:
        return rng.choice(WRONG_TEXTS)
    if draw < 0.085:  # one byte over 1 MiB, or just under
        frame = {"event_id": event_id, "account_id": account_id, "occurred_at": "2025-03-03T10:00:00Z",
                 "account_classified": {"name": ""}}
        room = (1 << 20) - len(json.dumps(frame)) + rng.choice((0, 1, 2))
        frame["account_classified"]["name"] = "n" * room
        return json.dumps(frame).encode()
    fields = {"event_id": event_id, "account_id": account_id, "occurred_at": "2025-03-03T10:00:00Z"}
    fields |= WRONG_FIELDS[number % len(WRONG_FIELDS)]
    kept = {name: value for name, value in fields.items() if value is not None or name not in (
        "event_id", "account_id", "occurred_at")}
    return json.dumps(kept, ensure_ascii=rng.random() < 0.5).encode()
