"""The shape of an AccountEvent: field names and types, as the contract's table and its Protobuf twin list them."""

# Enum words count from 1 in the listed order; 0 is "unspecified", which is never valid.
ENUMS = {
    "SaleType": ("SALE_TYPE_UNSPECIFIED", "BASE", "CROSS_SELL", "UP_SELL", "BUNDLE", "RENEWAL"),
    "Severity": ("SEVERITY_UNSPECIFIED", "LOW", "MEDIUM", "HIGH", "CRITICAL"),
    "MeetingKind": (
        "MEETING_KIND_UNSPECIFIED", "OPERATIONAL", "EXECUTIVE_REVIEW", "NEEDS_ANALYSIS", "NEGOTIATION", "COORDINATION"),
    "StakeholderRole": (
        "STAKEHOLDER_ROLE_UNSPECIFIED", "DECISION_MAKER", "INFLUENCER", "USER", "CHAMPION", "BLOCKER"),
    "Tier": ("TIER_UNSPECIFIED", "STRATEGIC", "KEY", "GROWTH"),
    "CostKind": (
        "KIND_UNSPECIFIED", "ACQUISITION", "COST_TO_SERVE", "SALES", "LOGISTICS", "SUPPORT", "RESEARCH"),
    "Department": ("DEPARTMENT_UNSPECIFIED", "PRODUCTION", "LOGISTICS", "RESEARCH", "SUPPORT", "SALES"),
    "SurveyKind": ("KIND_UNSPECIFIED", "NPS", "CSAT"),
    "InitiativeKind": ("KIND_UNSPECIFIED", "STRATEGIC", "CUSTOMER_PROJECT", "CO_DEVELOPMENT"),
}

# Field types: "string", "int32", "uint32", "int64", "double", "bool", an enum's or a message's name; "+" in front means
# repeated, "?" means a scalar with explicit presence (absent can be told from 0).
MESSAGES = {
    "Timestamp": {"seconds": "int64", "nanos": "int32"},
    "Money": {"currency_code": "string", "minor": "?int64"},
    "Line": {
        "line_id": "string", "product_id": "string", "category": "string", "sale_type": "SaleType",
        "quantity": "int64", "net": "Money", "cost": "Money"},
}

# Payload type -> (kind of its primary entity, the field that names the entity, fields).
_ATTRIBUTES = {
    "name": "string", "segment": "string", "region": "string", "industry": "string", "parent_id": "string"}
PAYLOADS = {
    "account_opened": ("account", None, _ATTRIBUTES),
    "account_classified": ("account", None, _ATTRIBUTES),
    "manager_assigned": ("account", None, {"manager_id": "string"}),
    "key_account_designated": ("account", None, {"tier": "Tier"}),
    "key_account_released": ("account", None, {"reason": "string"}),
    "account_churned": ("account", None, {"reason": "string"}),
    "account_reactivated": ("account", None, {}),
    "potential_assessed": ("account", None, {"annual_potential": "Money", "strategic_importance": "int32"}),
    "plan_approved": ("plans", None, {
        "plan_id": "string", "start_date": "string", "end_date": "string", "baseline_revenue": "Money",
        "target_growth": "double", "min_margin": "double"}),
    "plan_closed": ("plans", None, {"plan_id": "string"}),
    "order_placed": ("order", "order_id", {"lines": "+Line", "promised_date": "string"}),
    "order_changed": ("order", "order_id", {"lines": "+Line", "promised_date": "string"}),
    "order_cancelled": ("order", "order_id", {"reason": "string"}),
    "order_delivered": ("order", "order_id", {}),
    "invoice_issued": ("invoice", "invoice_id", {"order_id": "string", "lines": "+Line"}),
    "invoice_cancelled": ("invoice", "invoice_id", {}),
    "credit_note_issued": ("credit_note", "credit_note_id", {"invoice_id": "string", "lines": "+Line"}),
    "cost_booked": ("cost", "cost_id", {"kind": "CostKind", "amount": "Money"}),
    "meeting_scheduled": ("meeting", "meeting_id", {"kind": "MeetingKind", "scheduled_for": "Timestamp"}),
    "meeting_held": ("meeting", "meeting_id", {
        "kind": "MeetingKind", "stakeholder_ids": "+string", "duration_minutes": "int32"}),
    "meeting_cancelled": ("meeting", "meeting_id", {}),
    "stakeholder_identified": ("stakeholder", "stakeholder_id", {"role": "StakeholderRole"}),
    "stakeholder_updated": ("stakeholder", "stakeholder_id", {"role": "StakeholderRole"}),
    "stakeholder_left": ("stakeholder", "stakeholder_id", {}),
    "escalation_opened": ("escalation", "escalation_id", {"severity": "Severity", "department": "Department"}),
    "escalation_acknowledged": ("escalation", "escalation_id", {}),
    "escalation_resolved": ("escalation", "escalation_id", {}),
    "escalation_reopened": ("escalation", "escalation_id", {}),
    "contract_signed": ("contract", "contract_id", {
        "start_date": "string", "end_date": "string", "annual_value": "Money"}),
    "contract_amended": ("contract", "contract_id", {
        "effective_date": "string", "annual_value": "Money", "end_date": "string"}),
    "contract_renewed": ("contract", "contract_id", {
        "end_date": "string", "annual_value": "Money", "start_date": "string"}),
    "contract_terminated": ("contract", "contract_id", {"effective_date": "string", "reason": "string"}),
    "quote_issued": ("quote", "quote_id", {"amount": "Money", "valid_until": "string"}),
    "quote_revised": ("quote", "quote_id", {"amount": "Money", "valid_until": "string"}),
    "quote_accepted": ("quote", "quote_id", {}),
    "quote_rejected": ("quote", "quote_id", {"reason": "string"}),
    "opportunity_created": ("opportunity", "opportunity_id", {
        "sale_type": "SaleType", "stage": "string", "amount": "Money", "probability": "?int32",
        "expected_close": "string"}),
    "opportunity_updated": ("opportunity", "opportunity_id", {
        "stage": "string", "amount": "Money", "probability": "?int32", "expected_close": "string"}),
    "opportunity_won": ("opportunity", "opportunity_id", {"amount": "Money"}),
    "opportunity_lost": ("opportunity", "opportunity_id", {"reason": "string"}),
    "opportunity_reopened": ("opportunity", "opportunity_id", {"reason": "string"}),
    "forecast_submitted": ("forecast", "period", {"revenue": "Money"}),
    "survey_answered": ("survey", "response_id", {"kind": "SurveyKind", "score": "?int32", "stakeholder_id": "string"}),
    "initiative_started": ("initiative", "initiative_id", {"kind": "InitiativeKind", "title": "string"}),
    "initiative_milestone_reached": ("initiative", "initiative_id", {"title": "string"}),
    "initiative_completed": ("initiative", "initiative_id", {}),
    "initiative_cancelled": ("initiative", "initiative_id", {}),
    "risk_flagged": ("risk", "risk_id", {"severity": "Severity", "kind": "string"}),
    "risk_cleared": ("risk", "risk_id", {}),
    "clock_advanced": ("clock", None, {}),
    "fx_rate_set": ("fx", None, {"currency_code": "string", "month": "string", "rate": "double"}),
}
CONTROL = ("clock_advanced", "fx_rate_set")

FOUNDING = frozenset((
    "order_placed", "invoice_issued", "credit_note_issued", "cost_booked", "stakeholder_identified",
    "escalation_opened", "contract_signed", "quote_issued", "opportunity_created", "survey_answered",
    "initiative_started", "risk_flagged", "plan_approved", "account_opened"))
TERMINAL = frozenset((
    "order_cancelled", "invoice_cancelled", "meeting_held", "meeting_cancelled", "contract_terminated",
    "quote_accepted", "quote_rejected", "opportunity_won", "opportunity_lost", "initiative_completed",
    "initiative_cancelled"))

ENVELOPE = {
    "event_id": "string", "account_id": "string", "occurred_at": "Timestamp", "source": "string",
    "revision": "uint32", "retracted": "bool", "correlation_id": "string"}

for _type, (_kind, _key, _fields) in PAYLOADS.items():
    MESSAGES[_type] = ({_key: "string"} if _key else {}) | _fields
MESSAGES["AccountEvent"] = ENVELOPE | {_type: _type for _type in PAYLOADS}


def camel(name):
    """snake_case -> lowerCamelCase, the other spelling that the JSON mapping accepts."""
    head, *tail = name.split("_")
    return head + "".join(word.capitalize() for word in tail)


# Message -> spelling in JSON -> field name.
SPELLINGS = {
    message: {spelling: name for name in fields for spelling in (name, camel(name))}
    for message, fields in MESSAGES.items()}
