"""Valid payloads whose dates, amounts and moments crowd around the edges where rules begin and end."""

import civil
from schema import ENUMS, FOUNDING, PAYLOADS, TERMINAL

# Zones west and east of Greenwich, with and without daylight saving, on both hemispheres; the last two change their
# clocks at midnight, so that some days begin at 01:00.
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "UTC", "America/St_Johns",
         "Africa/Cairo", "America/Havana")
CURRENCIES = ("EUR", "USD", "JPY", "KWD", "CLF", "CHF", "VND", "TND", "GBP")
IDS_BY_KIND = {
    "order": "O", "invoice": "I", "credit_note": "CN", "cost": "C", "meeting": "M", "stakeholder": "S",
    "escalation": "E", "contract": "K", "quote": "Q", "opportunity": "OP", "survey": "R", "initiative": "IN",
    "risk": "RI"}
# How often a kind is edited: those with more rules more often.
KIND_WEIGHTS = {
    "account": 14, "plans": 9, "order": 9, "invoice": 12, "credit_note": 3, "cost": 4, "meeting": 12, "stakeholder": 12,
    "escalation": 11, "contract": 18, "quote": 9, "opportunity": 18, "forecast": 6, "survey": 5, "initiative": 5,
    "risk": 6}
TYPES_BY_KIND = {}
for _type, (_kind, _, _) in PAYLOADS.items():
    TYPES_BY_KIND.setdefault(_kind, []).append(_type)
_NEVER_DRAWN = TYPES_BY_KIND.keys() - KIND_WEIGHTS.keys() - {"clock", "fx"}
if _NEVER_DRAWN:
    raise LookupError(f"KIND_WEIGHTS lacks {_NEVER_DRAWN}: no log would have an event of it")

# Kinds with one or two types of event: more entities instead of longer histories.
_SHORT_HISTORIES = ("invoice", "credit_note", "cost", "survey")
# Days before D where an event of this type just counts, or just does not.
_TELLING_DAYS = {
    "meeting_held": (88, 89, 90, 91), "key_account_designated": (89, 90, 91), "order_delivered": (89, 90)}

_SEGMENTS, _REGIONS, _INDUSTRIES = ("ENT", "MID", "SMB"), ("DACH", "NORDICS", "Österreich"), ("PHARMA", "AUTO")
_PARENTS = ("A1", "A2", "Zürich", "a group of no account")
_PLANS = ("P1", "P2", "P3")


class Factory:
    """Draws payloads, dates and moments for one log."""

    def __init__(self, rng, day, zone, currencies, reporting, chaos, ids_per_kind):
        self.rng, self.day, self.zone = rng, day, zone
        self.currencies, self.reporting, self.chaos = currencies, reporting, chaos
        self.huge = rng.random() < 0.1 * chaos
        self._negative_share = rng.choice((0.1, 0.1, 0.4, 0.8))  # of lines: revenue of a window may be negative
        self._ids_per_kind = ids_per_kind
        self._days_of = {}  # (account, entity) -> days of its latest events and dates
        self._moments_of = {}  # the latest moments of its events, seconds
        self._days, self._moments = [], []
        self._ties = [(civil.day_number(2024, 3, 31) * 86400 + 3600, 0)]  # moments that several events share
        if rng.random() < 0.1 * chaos:  # the ends of time: in a zone west or east of Greenwich their days lie outside
            self._ties += [(0, 0), (civil.day_number(2201, 1, 1) * 86400 - 1, 999_999_999)]
        self._edges = self._edge_days()

    def _edge_days(self):
        day = self.day
        edges = [day, day + 1, day - 1, day - 89, day - 90, day - 91, day + 89, day + 90, day - 364, day - 365] * 3
        for months in (1, 3, 11, 12, 13, 24):
            before = civil.months_before(day, months)
            edges += [before - 1, before, before + 1]
        for back in range(14):
            month = civil.month_of(day) - back
            edges += [civil.first_day(month), civil.last_day(month)]
        edges += [civil.day_number(2024, 2, 29), civil.day_number(2023, 2, 28), civil.day_number(2024, 2, 28)]
        edges += [civil.day_number(2025, month, days) for month, days in ((3, 9), (3, 30), (4, 6), (9, 28), (11, 2))]
        return edges

    # --- moments and dates ------------------------------------------------------------------------------------------

    def edit(self, account, entity):
        """From here on dates and moments are drawn for this entity, near those that it has already."""
        self._days = self._days_of.setdefault((account, entity), [])
        self._moments = self._moments_of.setdefault((account, entity), [])
        if entity[0] == "forecast" and not self._days:
            self._days.append(civil.parse_month(entity[1]) - 1)  # the last day that still counts

    def some_day(self):
        """A day near this entity's others, near D or at the edge of a window, or any."""
        rng, draw = self.rng, self.rng.random()
        if self._days and draw < 0.4:
            day = rng.choice(self._days) + rng.choice((0, 0, 0, 1, -1, 2, rng.randint(-20, 60)))
        elif draw < 0.5:
            day = self.day + rng.choice((0, 0, -1, 1, -2))
        elif draw < 0.7:
            day = rng.choice(self._edges) + rng.choice((0, 0, 0, -1, 1))
        elif draw < 0.97:
            day = self.day + rng.randint(-800, 60)
        else:
            day = self.day + rng.randint(-2500, 400)
        self._days.append(day)
        del self._days[:-6]
        return day

    def date(self):
        if self.rng.random() < 0.005 * self.chaos:
            return self.rng.choice(("1970-01-01", "2200-12-31"))
        return civil.civil(self.some_day()).isoformat()

    def moment(self, event_type=""):
        """(seconds, nanos) of an event, now and then exactly when another one was."""
        rng = self.rng
        if rng.random() < 0.08 + 0.1 * self.chaos:
            return rng.choice(self._ties)
        if self._moments and rng.random() < 0.1:
            return rng.choice(self._moments) + rng.choice((0, 1)), rng.choice((0, 999_999_999))
        day = self.some_day()
        if event_type in _TELLING_DAYS and rng.random() < 0.25:
            day = self.day - rng.choice(_TELLING_DAYS[event_type])
        midnight = self.zone.midnight(day)
        seconds = midnight + rng.choice((0, -1, 1, 3600, 86399, rng.randrange(86400), rng.randrange(86400)))
        nanos = rng.choice((0, 0, 0, 500_000_000, 999_999_999, 1, rng.randrange(10**9)))
        self._moments.append(seconds)
        del self._moments[:-3]
        if rng.random() < 0.1:
            self._ties = (self._ties + [(seconds, nanos)])[-6:]
        return seconds, nanos

    # --- values -----------------------------------------------------------------------------------------------------

    def money(self, low=0, high=3_000_000):
        rng = self.rng
        minor = rng.randint(low, high) if rng.random() < 0.8 else rng.choice((0, 1, 3, 50, 150, 251))
        if low < 0 and rng.random() < 0.2:
            minor = -minor
        if self.huge and rng.random() < 0.2:
            minor = rng.choice((10**15, -10**15 if low < 0 else 10**15, 999_999_999_999_999))
        currency = self.reporting if rng.random() < 0.5 else rng.choice(self.currencies)
        return {"currency_code": currency, "minor": minor}

    def word(self, enum):
        return self.rng.choice(ENUMS[enum][1:])

    def identifier(self, kind):
        if kind in ("account", "plans"):
            return ""
        if kind == "forecast":
            month = civil.month_of(self.day) - self.rng.choice((0, 1, 2, 11, 12, 13, 12, self.rng.randint(-1, 14)))
            return f"{month // 12:04d}-{month % 12 + 1:02d}"
        count = self._ids_per_kind * (5 if kind in _SHORT_HISTORIES else 1) + (kind == "stakeholder")
        number = self.rng.randint(1, count)
        # The same text names an entity of each kind.
        return str(number) if number == 1 else f"{IDS_BY_KIND[kind]}-{number}"

    def lines(self, credit=False):
        rng = self.rng
        result = []
        for number in range(rng.choice((0, 1, 1, 2, 3))):
            low, high = (0, 3_000_000) if credit or rng.random() >= self._negative_share else (-2_000_000, 0)
            line = {"line_id": str(number), "product_id": f"P{rng.randint(1, 9)}", "category": "c",
                    "sale_type": self.word("SaleType"), "quantity": rng.randint(1, 90) * 1000,
                    "net": self.money(low, high // rng.choice((1, 4)) if credit else high), "cost": self.money(low, high // 2)}
            if rng.random() < 0.15:
                del line["cost"]
            result.append(line)
        return result

    def ratio(self):
        return self.rng.choice((0.25, -0.05, 0.0, 0.3, 1.0, 0.1234565, -0.0000005, 0.35, 20.5))

    def maybe(self, fields, *optional):
        """Drops optional fields now and then: absent = unchanged, 0 or empty."""
        return {name: value for name, value in fields.items() if name not in optional or self.rng.random() < 0.6}

    # --- payloads ---------------------------------------------------------------------------------------------------

    def type_of(self, kind, has_founding):
        """Mostly a founding event first; terminal ones rarely enough that histories grow long."""
        rng, types = self.rng, TYPES_BY_KIND[kind]
        founding = [name for name in types if name in FOUNDING]
        if founding and not has_founding and rng.random() < 0.7 - 0.2 * self.chaos:
            return rng.choice(founding)
        weights = [2 if name in FOUNDING | TERMINAL and name != "meeting_held" else 5 for name in types]
        return rng.choices(types, weights)[0]

    def payload(self, name, key):
        """A valid payload of this type that edits the entity `key`."""
        _, field, _ = PAYLOADS[name]
        fields = getattr(self, "_" + name, self._plain)(name)
        if field:
            fields = {field: key} | fields
        return {name_: value for name_, value in fields.items() if value is not None}

    def _plain(self, name):
        fields = PAYLOADS[name][2]
        if fields.keys() - {"reason"}:
            raise LookupError(f"nobody draws the fields of {name}: Factory lacks _{name}")
        return {"reason": self.rng.choice(("price", "", "naïve"))} if "reason" in fields else {}

    def _account_opened(self, _):
        rng = self.rng
        return self.maybe({"name": "Müller & Söhne", "segment": rng.choice(_SEGMENTS), "region": rng.choice(_REGIONS),
                           "industry": rng.choice(_INDUSTRIES), "parent_id": rng.choice(_PARENTS)},
                          "name", "segment", "region", "industry", "parent_id")

    _account_classified = _account_opened

    def _manager_assigned(self, _):
        return {"manager_id": self.rng.choice(("M1", "M2", "M7", ""))}

    def _key_account_designated(self, _):
        return {"tier": self.word("Tier")}

    def _potential_assessed(self, _):
        return self.maybe({"annual_potential": self.money(0, 150_000_000),
                           "strategic_importance": self.rng.choice((0, 100, self.rng.randint(0, 100)))},
                          "strategic_importance")

    def _plan_approved(self, _):
        rng = self.rng
        start = self.some_day() - rng.choice((0, 0, 200, 400))
        end = start + rng.choice((1, 30, 364, 365, 730, 1100))
        if rng.random() < 0.4:
            end = max(start + 1, self.some_day())
        if rng.random() < 0.3:  # end right at D, or start
            start, end = rng.choice(((self.day - 364, self.day), (self.day, self.day + 90), (self.day - 1, self.day)))
        return self.maybe(
            {"plan_id": rng.choice(_PLANS), "start_date": civil.civil(start).isoformat(),
             "end_date": civil.civil(end).isoformat(),
             "baseline_revenue": self.money(-5000, rng.choice((200_000, 9_000_000))),
             "target_growth": self.ratio(), "min_margin": self.ratio()}, "target_growth", "min_margin")

    def _plan_closed(self, _):
        return {"plan_id": self.rng.choice(_PLANS)}

    def _order_placed(self, _):
        return self.maybe({"lines": self.lines(), "promised_date": self.date()}, "promised_date")

    def _order_changed(self, _):
        return self.maybe({"lines": self.lines(), "promised_date": self.date()}, "promised_date", "lines")

    def _invoice_issued(self, _):
        return {"order_id": self.rng.choice(("", "O-2")), "lines": self.lines()}

    def _credit_note_issued(self, _):
        return {"invoice_id": self.rng.choice(("", "I-2")), "lines": self.lines(credit=True)}

    def _cost_booked(self, _):
        return {"kind": self.word("CostKind"), "amount": self.money(-20_000, 400_000)}

    def _meeting_scheduled(self, _):
        seconds, nanos = self.moment()
        return {"kind": self.word("MeetingKind"), "scheduled_for": {"seconds": seconds, "nanos": nanos}}

    def _meeting_held(self, _):
        rng = self.rng
        count = rng.choice((0, 1, 1, 2, 3))
        members = [self.identifier("stakeholder") for _ in range(count)]
        if rng.random() < 0.2 and members:
            members.append(members[0])
        return {"kind": self.word("MeetingKind"), "stakeholder_ids": members, "duration_minutes": rng.choice((0, 45))}

    def _stakeholder_identified(self, _):
        return {"role": self.rng.choice(("DECISION_MAKER", "DECISION_MAKER", self.word("StakeholderRole")))}

    _stakeholder_updated = _stakeholder_identified

    def _escalation_opened(self, _):
        return {"severity": self.word("Severity"), "department": self.word("Department")}

    def _contract_signed(self, _):
        start = self.some_day() - self.rng.choice((0, 0, 365, 700))
        end = start + self.rng.choice((0, 30, 364, 365, 700))
        if self.rng.random() < 0.5:
            end = max(start, self.some_day())
        if self.rng.random() < 0.2:  # just due within the next 90 days, or just not
            end = max(start, self.day + self.rng.choice((-1, 0, 89, 90)))
        return self.maybe({"start_date": civil.civil(start).isoformat(), "end_date": civil.civil(end).isoformat(),
                           "annual_value": self.money(-1000, 9_000_000)}, *(
                               ("end_date",) if self.rng.random() < 0.3 else ()))

    def _contract_amended(self, _):
        return self.maybe({"effective_date": self.date(), "annual_value": self.money(0, 9_000_000),
                           "end_date": self.date()}, "annual_value", "end_date")

    def _contract_renewed(self, _):
        rng = self.rng
        end = self.some_day() + rng.choice((0, 0, 200, 365))
        start = self.some_day()  # the day after the old end, or a day or many after it, or before
        if start > end:
            end = start + rng.choice((0, 1, 30, 364))
        return self.maybe({"end_date": civil.civil(end).isoformat(), "annual_value": self.money(0, 9_000_000),
                           "start_date": civil.civil(start).isoformat()}, "annual_value", "start_date")

    def _contract_terminated(self, _):
        return {"effective_date": self.date(), "reason": "insolvent"}

    def _quote_issued(self, _):
        return {"amount": self.money(-100), "valid_until": self.date()}

    def _quote_revised(self, _):
        return self.maybe({"amount": self.money(), "valid_until": self.date()}, "amount", "valid_until")

    def _opportunity_created(self, _):
        rng = self.rng
        probability = rng.choice((0, 50, 50, 1, 100, rng.randint(0, 100)))
        return self.maybe({"sale_type": self.word("SaleType"), "stage": "lead", "amount": self.money(-300),
                           "probability": probability, "expected_close": self.date()}, "expected_close", "stage")

    def _opportunity_updated(self, _):
        rng = self.rng
        return self.maybe({"stage": "negotiation", "amount": self.money(-300), "probability": rng.randint(0, 100),
                           "expected_close": self.date()}, "stage", "amount", "probability", "expected_close")

    def _opportunity_won(self, _):
        return self.maybe({"amount": self.money()}, "amount")

    def _forecast_submitted(self, _):
        return {"revenue": self.money(-100)}

    def _survey_answered(self, _):
        kind = self.word("SurveyKind")
        score = self.rng.randint(0, 10) if kind == "NPS" else self.rng.randint(1, 5)
        return {"kind": kind, "score": score, "stakeholder_id": self.rng.choice(("", "1"))}

    def _initiative_started(self, _):
        return {"kind": self.word("InitiativeKind"), "title": "joint lab"}

    def _initiative_milestone_reached(self, _):
        return {"title": "half way"}

    def _risk_flagged(self, _):
        return {"severity": self.word("Severity"), "kind": "supply"}
