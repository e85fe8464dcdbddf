#include "api/routes.h"

namespace keyfold {
namespace {

// JSON Schema of every answer. tests/api holds the answers to them: what is not named here may not be there.
constexpr const char* kSchemas = R"({
  "Kpis": {"type": "object", "additionalProperties": {"type": "number"}},
  "Instant": {"type": "string", "format": "date-time"},
  "Date": {"type": "string", "format": "date"},
  "Texts": {"type": "array", "items": {"type": "string"}},
  "Integer": {"type": ["integer", "string"]},
  "Change": {"type": "object", "required": ["id"], "properties": {
    "id": {"type": "string"}, "from": {"type": "number"}}},
  "AccountAttributes": {"type": "object", "properties": {
    "name": {"type": "string"}, "segment": {"type": "string"}, "region": {"type": "string"},
    "industry": {"type": "string"}, "manager_id": {"type": "string"}, "parent_id": {"type": "string"},
    "tier": {"type": "string"}, "customer": {"type": "boolean"}, "key_account": {"type": "boolean"}}},
  "GroupAttributes": {"type": "object", "properties": {"kind": {"type": "string"}, "label": {"type": "string"}}},
  "Update": {"type": "object", "required": ["as_of", "kpis", "catalog_hash"], "properties": {
    "account_id": {"type": "string"}, "group_id": {"type": "string"}, "as_of": {"$ref": "Date"},
    "kpis": {"$ref": "Kpis"}, "missing_rates": {"$ref": "Texts"},
    "changed": {"type": "array", "items": {"$ref": "Change"}}, "catalog_hash": {"type": "string"},
    "source_partition": {"type": "integer"}, "source_offset": {"$ref": "Integer"},
    "correlation_id": {"type": "string"}, "accounts": {"$ref": "Integer"}, "cause": {"type": "string"},
    "cause_event": {"type": "string"}, "recorded_at": {"$ref": "Instant"},
    "attributes": {"$ref": "AccountAttributes"}, "group": {"$ref": "GroupAttributes"}}},
  "AccountPage": {"type": "object", "required": ["accounts"], "properties": {
    "accounts": {"type": "array", "items": {"$ref": "Update"}}, "total": {"type": "integer"},
    "next_cursor": {"type": "string"}}},
  "GroupPage": {"type": "object", "required": ["groups"], "properties": {
    "groups": {"type": "array", "items": {"$ref": "Update"}}, "total": {"type": "integer"},
    "next_cursor": {"type": "string"}}},
  "AlertInput": {"type": "object", "required": ["id"], "properties": {
    "id": {"type": "string"}, "value": {"type": "number"}}},
  "Alert": {"type": "object", "required": ["account_id", "group_id", "alert", "raised", "severity"], "properties": {
    "account_id": {"type": "string"}, "group_id": {"type": "string"}, "alert": {"type": "string"},
    "raised": {"type": "boolean"}, "severity": {"type": "string"},
    "inputs": {"type": "array", "items": {"$ref": "AlertInput"}}, "as_of": {"$ref": "Date"},
    "cause": {"type": "string"}, "cause_event": {"type": "string"}, "catalog_hash": {"type": "string"},
    "source_partition": {"type": "integer"}, "source_offset": {"$ref": "Integer"},
    "correlation_id": {"type": "string"}, "recorded_at": {"$ref": "Instant"},
    "attributes": {"$ref": "AccountAttributes"}, "group": {"$ref": "GroupAttributes"}}},
  "AlertPage": {"type": "object", "required": ["alerts"], "properties": {
    "alerts": {"type": "array", "items": {"$ref": "Alert"}}, "total": {"type": "integer"},
    "next_cursor": {"type": "string"}}},
  "Moment": {"type": "object", "required": ["partition"], "properties": {
    "partition": {"type": "integer"}, "next_offset": {"type": "integer"}, "stream_time": {"$ref": "Instant"},
    "stored_at": {"$ref": "Instant"}}},
  "Moments": {"type": "array", "items": {"$ref": "Moment"}},
  "AtDate": {"type": "object", "required": ["as_of", "kpis", "missing_rates", "shards"], "properties": {
    "account_id": {"type": "string"}, "group_id": {"type": "string"}, "as_of": {"$ref": "Date"},
    "accounts": {"type": "integer"}, "kpis": {"$ref": "Kpis"}, "missing_rates": {"$ref": "Texts"},
    "catalog_hash": {"type": "string"}, "shards": {"$ref": "Moments"}}},
  "AccountAtDate": {"anyOf": [{"$ref": "Update"}, {"$ref": "AtDate"}]},
  "GroupNow": {"type": "object", "required": ["group", "members"], "properties": {
    "group": {"$ref": "Update"}, "members": {"$ref": "AccountPage"}}},
  "GroupWithMembers": {"anyOf": [{"$ref": "GroupNow"}, {"$ref": "AtDate"}]},
  "Point": {"type": "object", "required": ["as_of", "kpis", "missing_rates"], "properties": {
    "as_of": {"$ref": "Date"}, "accounts": {"type": "integer"}, "kpis": {"$ref": "Kpis"},
    "missing_rates": {"$ref": "Texts"}}},
  "Points": {"type": "array", "items": {"$ref": "Point"}},
  "Series": {"type": "object", "required": ["points", "shards"], "properties": {
    "account_id": {"type": "string"}, "group_id": {"type": "string"}, "points": {"$ref": "Points"},
    "shards": {"$ref": "Moments"}}},
  "FormulaValue": {"type": "object", "required": ["points"], "properties": {
    "account_id": {"type": "string"}, "group_id": {"type": "string"}, "points": {"$ref": "Points"}}},
  "FormulaValues": {"type": "object", "required": ["formula", "unit", "values", "shards"], "properties": {
    "formula": {"type": "string"}, "unit": {"type": "string"},
    "values": {"type": "array", "items": {"$ref": "FormulaValue"}}, "shards": {"$ref": "Moments"}}},
  "Entity": {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}, "id": {"type": "string"}}},
  "Event": {"type": "object", "required": ["entity", "event_id", "type", "occurred_at", "recorded_at"], "properties": {
    "entity": {"$ref": "Entity"}, "event_id": {"type": "string"}, "type": {"type": "string"},
    "revision": {"type": "integer"}, "occurred_at": {"$ref": "Instant"}, "recorded_at": {"$ref": "Instant"},
    "source": {"type": "string"}, "partition": {"type": "integer"}, "offset": {"type": "integer"}}},
  "ListedEvent": {"type": "object", "required": ["entity", "event_id", "type", "occurred_at", "recorded_at", "payload"],
    "properties": {
    "entity": {"$ref": "Entity"}, "event_id": {"type": "string"}, "type": {"type": "string"},
    "revision": {"type": "integer"}, "occurred_at": {"$ref": "Instant"}, "recorded_at": {"$ref": "Instant"},
    "source": {"type": "string"}, "partition": {"type": "integer"}, "offset": {"type": "integer"},
    "correlation_id": {"type": "string"}, "retracted": {"type": "boolean"}, "without_effect": {"type": "string"},
    "payload": {"type": "object", "additionalProperties": true},
    "event": {"type": "object", "additionalProperties": true}}},
  "EventPage": {"type": "object", "required": ["account_id", "events", "total", "shards"], "properties": {
    "account_id": {"type": "string"}, "events": {"type": "array", "items": {"$ref": "ListedEvent"}},
    "total": {"type": "integer"}, "next_cursor": {"type": "string"}, "shards": {"$ref": "Moments"}}},
  "WholeEvents": {"type": "object", "required": ["account_id", "event_id", "events", "shards"], "properties": {
    "account_id": {"type": "string"}, "event_id": {"type": "string"},
    "events": {"type": "array", "items": {"$ref": "ListedEvent"}}, "shards": {"$ref": "Moments"}}},
  "Amount": {"type": "object", "required": ["currency_code", "minor"], "properties": {
    "currency_code": {"type": "string"}, "minor": {"type": "integer"}}},
  "OpenThing": {"type": "object", "required": ["kind", "since"], "properties": {
    "account_id": {"type": "string"}, "name": {"type": "string"}, "kind": {"type": "string"},
    "id": {"type": "string"}, "since": {"$ref": "Date"}, "due": {"$ref": "Date"}, "overdue": {"type": "boolean"},
    "amount": {"$ref": "Amount"}, "weighted": {"$ref": "Amount"}, "type": {"type": "string"},
    "severity": {"type": "string"}, "department": {"type": "string"}, "stage": {"type": "string"},
    "title": {"type": "string"}, "probability": {"type": "integer"}, "acknowledged": {"type": "boolean"},
    "terminated": {"type": "boolean"}, "target_growth": {"type": "number"}, "min_margin": {"type": "number"}}},
  "OpenList": {"type": "object", "required": ["account_id", "as_of", "open", "shards"], "properties": {
    "account_id": {"type": "string"}, "as_of": {"$ref": "Date"},
    "open": {"type": "array", "items": {"$ref": "OpenThing"}}, "shards": {"$ref": "Moments"}}},
  "DueList": {"type": "object", "required": ["from", "to", "due", "shards"], "properties": {
    "from": {"$ref": "Date"}, "to": {"$ref": "Date"}, "due": {"type": "array", "items": {"$ref": "OpenThing"}},
    "next_cursor": {"type": "string"}, "shards": {"$ref": "Moments"}}},
  "Contribution": {"type": "object", "required": ["day", "amount", "event"], "properties": {
    "day": {"$ref": "Date"}, "amount": {"type": "integer"}, "currency": {"type": "string"}, "bin": {"type": "integer"},
    "change": {"type": "string"}, "moved": {"type": "string"}, "event": {"$ref": "Event"}}},
  "Rest": {"type": "object", "required": ["count", "amount"], "properties": {
    "count": {"type": "integer"}, "amount": {"$ref": "Integer"}, "currency": {"type": "string"},
    "change": {"type": "string"}, "amount_since": {"$ref": "Integer"}}},
  "Member": {"type": "object", "required": ["account_id"], "properties": {
    "account_id": {"type": "string"}, "name": {"type": "string"}, "amount": {"type": "integer"},
    "amount_since": {"type": "integer"}}},
  "Conversion": {"type": "object", "required": ["currency", "month", "amount"], "properties": {
    "currency": {"type": "string"}, "month": {"type": "string"}, "amount": {"$ref": "Integer"},
    "rate": {"type": "number"}, "converted": {"$ref": "Integer"}}},
  "Conversions": {"type": "array", "items": {"$ref": "Conversion"}},
  "ComponentSince": {"type": "object", "properties": {
    "from": {"$ref": "Date"}, "to": {"$ref": "Date"}, "value": {"type": "number"}, "incomplete": {"type": "boolean"},
    "conversions": {"$ref": "Conversions"}}},
  "Component": {"type": "object", "required": ["name"], "properties": {
    "name": {"type": "string"}, "formula": {"type": "string"}, "measure": {"type": "string"},
    "window": {"type": "string"}, "rule": {"type": "string"}, "unit": {"type": "string"},
    "from": {"$ref": "Date"}, "to": {"$ref": "Date"}, "value": {"type": "number"}, "incomplete": {"type": "boolean"},
    "conversions": {"$ref": "Conversions"}, "since": {"$ref": "ComponentSince"},
    "members": {"type": "array", "items": {"$ref": "Member"}},
    "contributions": {"type": "array", "items": {"$ref": "Contribution"}},
    "rest": {"anyOf": [{"$ref": "Rest"}, {"type": "array", "items": {"$ref": "Rest"}}]}}},
  "Formula": {"type": "object", "required": ["id", "formula", "with_values"], "properties": {
    "id": {"type": "string"}, "formula": {"type": "string"}, "with_values": {"type": "string"},
    "value": {"type": "number"}, "with_values_since": {"type": "string"}, "value_since": {"type": "number"}}},
  "LeftOut": {"type": "object", "required": ["reason", "event"], "properties": {
    "reason": {"type": "string"}, "event": {"$ref": "Event"}}},
  "Explanation": {"type": "object", "required": ["kpi", "unit", "as_of", "formulas", "components", "shards"],
    "properties": {
    "account_id": {"type": "string"}, "group_id": {"type": "string"}, "kpi": {"type": "string"},
    "unit": {"type": "string"}, "as_of": {"$ref": "Date"}, "since": {"$ref": "Date"}, "value": {"type": "number"},
    "value_since": {"type": "number"}, "accounts": {"type": "integer"}, "accounts_since": {"type": "integer"},
    "formulas": {"type": "array", "items": {"$ref": "Formula"}},
    "components": {"type": "array", "items": {"$ref": "Component"}}, "missing_rates": {"$ref": "Texts"},
    "without_effect": {"type": "array", "items": {"$ref": "LeftOut"}}, "without_effect_rest": {"type": "integer"},
    "shards": {"$ref": "Moments"}}},
  "Session": {"type": "object", "required": ["signed_in_by", "name", "roles", "groups", "sees_all"], "properties": {
    "signed_in_by": {"type": "string"}, "token_id": {"type": "string"}, "name": {"type": "string"},
    "roles": {"$ref": "Texts"}, "groups": {"$ref": "Texts"}, "sees_all": {"type": "boolean"},
    "projection": {"type": "string"}, "reporting_currency": {"type": "string"}, "time_zone": {"type": "string"},
    "catalog_hash": {"type": "string"}}},
  "TokenLimits": {"type": "object", "properties": {
    "requests_per_second": {"type": "integer"}, "streams": {"type": "integer"}}},
  "NewToken": {"type": "object", "required": ["name"], "properties": {
    "name": {"type": "string"}, "roles": {"$ref": "Texts"}, "groups": {"$ref": "Texts"}, "days": {"type": "integer"},
    "limits": {"$ref": "TokenLimits"}}},
  "EventsToPost": {"type": ["object", "array", "string"]},
  "HookDocument": {"type": ["object", "array"]},
  "PostedEvent": {"type": "object", "required": ["line", "status"], "properties": {
    "line": {"type": "integer"}, "status": {"type": "string"}, "event_id": {"type": "string"},
    "reason": {"type": "string"}}},
  "PostedEvents": {"type": "object", "required": ["accepted", "rejected", "unacknowledged", "events"], "properties": {
    "accepted": {"type": "integer"}, "rejected": {"type": "integer"}, "unacknowledged": {"type": "integer"},
    "left_out": {"type": "integer"}, "events": {"type": "array", "items": {"$ref": "PostedEvent"}}}},
  "DeadDelivery": {"type": "object", "required": ["id", "alert", "recorded_at", "attempts", "error"], "properties": {
    "id": {"type": "string"}, "account_id": {"type": "string"}, "group_id": {"type": "string"},
    "alert": {"type": "string"}, "recorded_at": {"type": "string"}, "attempts": {"type": "integer"},
    "error": {"type": "string"}}},
  "Webhook": {"type": "object", "required": ["name", "receiver", "alerts", "severities", "groups", "waiting",
    "delivered", "dead", "dropped", "latest_dead"], "properties": {
    "name": {"type": "string"}, "receiver": {"type": "string"}, "alerts": {"$ref": "Texts"},
    "severities": {"$ref": "Texts"}, "groups": {"$ref": "Texts"}, "waiting": {"type": "integer"},
    "delivered": {"type": "integer"}, "dead": {"type": "integer"}, "dropped": {"type": "integer"},
    "delivered_at": {"type": "string"}, "failed_at": {"type": "string"}, "error": {"type": "string"},
    "next_attempt_at": {"type": "string"}, "latest_dead": {"type": "array", "items": {"$ref": "DeadDelivery"}}}},
  "WebhookList": {"type": "object", "required": ["webhooks"], "properties": {
    "webhooks": {"type": "array", "items": {"$ref": "Webhook"}}}},
  "WebhookRetry": {"type": "object", "required": ["sent_again"], "properties": {"sent_again": {"type": "integer"}}},
  "Token": {"type": "object", "required": ["id", "name", "roles", "groups", "created", "in_force"], "properties": {
    "id": {"type": "string"}, "name": {"type": "string"}, "roles": {"$ref": "Texts"}, "groups": {"$ref": "Texts"},
    "created": {"$ref": "Instant"}, "expires": {"$ref": "Instant"}, "revoked": {"$ref": "Instant"},
    "in_force": {"type": "boolean"}, "limits": {"$ref": "TokenLimits"}}},
  "TokenList": {"type": "object", "required": ["tokens"], "properties": {
    "tokens": {"type": "array", "items": {"$ref": "Token"}}}},
  "MadeToken": {"type": "object", "required": ["secret", "token"], "properties": {
    "secret": {"type": "string"}, "token": {"$ref": "Token"}}},
  "Catalog": {"type": "object", "required": ["catalog_hash", "kpis"], "additionalProperties": true},
  "Status": {"type": "object", "required": ["catalog_hash", "epoch"], "additionalProperties": true},
  "OpenApi": {"type": "object", "required": ["openapi", "paths"], "additionalProperties": true},
  "Liveness": {"type": "object", "required": ["live"], "properties": {"live": {"type": "boolean"}}},
  "Readiness": {"type": "object", "required": ["ready"], "properties": {
    "ready": {"type": "boolean"}, "reason": {"type": "string"}}},
  "Error": {"type": "object", "required": ["status", "error"], "properties": {
    "status": {"type": "integer"}, "error": {"type": "string"}}}
})";

}  // namespace

const char* ApiSchemas() { return kSchemas; }

}  // namespace keyfold
