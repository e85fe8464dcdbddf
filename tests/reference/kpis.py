"""Components and KPIs of the default catalogue, for accounts and for groups."""

import math

import civil
from components import int64
from currencies import DIGITS
from entities import GAMMA
from ledger import rounded

UNDEFINED = math.nan
DEFAULT_PARAMETERS = {
    "clv.retention": 0.9, "clv.discount": 0.1, "selection.revenue_scale": 1_000_000,
    "selection.potential_scale": 1_000_000}

# Flows by window; every one of these is a component that a published KPI uses.
_FLOWS = {
    "t12m": (
        "revenue", "bookings", "variable_cost", "service_cost", "acquisition_cost", "revenue_cross_sell",
        "revenue_up_sell", "revenue_bundle", "initiatives_completed", "reopened", "escalations_resolved",
        "opportunities_won", "opportunities_lost", "won_amount", "lost_amount", "won_cycle_days", "quotes_accepted",
        "quotes_rejected", "quotes_expired", "renewals", "lapses", "terminations", "executive_reviews"),
    "t90d": (
        "resolution_seconds", "escalations_resolved", "acknowledge_seconds", "acknowledged", "opportunities_slipped",
        "opportunities_won", "opportunities_lost", "meetings", "executive_reviews", "deliveries_on_time",
        "deliveries_promised"),
    "t365d": ("nps_promoters", "nps_detractors", "nps_responses", "csat_satisfied", "csat_responses", "csat_score"),
    "total": ("revenue", "variable_cost", "service_cost", "acquisition_cost"),
    "mtd": ("revenue",), "qtd": ("revenue",), "ytd": ("revenue",), "ytd_prior": ("revenue",), "p12m": ("revenue",),
    "next90d": ("contracts_due", "contract_value_due"),
}
_STOCKS = (
    "customer", "key_account", "potential", "importance", "stakeholders", "decision_makers", "decision_makers_met",
    "escalations_open", "escalations_open_since", "escalations_severe_open", "contract_value", "quotes_open_amount",
    "opportunities_open", "pipeline", "pipeline_weighted", "pipeline_overdue", "initiatives_active", "risks_open",
    "risks_severe", "plans_active", "plan_baseline", "plan_target_growth", "plan_min_margin", "plan_start", "plan_end")


def _number(value):
    """A component as a double; None is undefined."""
    return UNDEFINED if value is None else float(value)


def _integer(value):
    """A derived component: rounded to int64."""
    return int64(rounded(value)) if math.isfinite(value) else None


def divide(dividend, divisor):
    """Division by zero is undefined."""
    return dividend / divisor if divisor != 0 else UNDEFINED


def share(part, revenue):
    """Defined where the revenue is positive: of a negative one it would say the opposite."""
    return divide(part, revenue) if revenue > 0 else UNDEFINED


def smaller(*values):
    """min; undefined is contagious."""
    return UNDEFINED if any(map(math.isnan, values)) else min(values)


def larger(*values):
    """max; undefined is contagious."""
    return UNDEFINED if any(map(math.isnan, values)) else max(values)


def clamp(value, low, high):
    return smaller(larger(value, low), high)


def weighted_mean(parts):
    """Over the (weight, value) parts that are defined."""
    defined = [(weight, value) for weight, value in parts if not math.isnan(value)]
    return divide(sum(weight * value for weight, value in defined), sum(weight for weight, _ in defined))


def quantile(histogram, q):
    """The value of the first bin whose cumulated count >= max(1, ceil(q n))."""
    wanted = max(1, math.ceil(q * sum(histogram.values())))
    cumulated = 0
    for number in sorted(histogram):
        cumulated += histogram[number]
        if cumulated >= wanted:
            return 2 * GAMMA ** number / (GAMMA + 1)
    return UNDEFINED


def base_components(sums):
    windows = sums.windows
    spans = {
        "t12m": windows.trailing_months(12), "p12m": windows.trailing_months(12, 12), "t90d": windows.trailing_days(90),
        "t365d": windows.trailing_days(365), "total": windows.total(), "mtd": windows.mtd(), "qtd": windows.qtd(),
        "ytd": windows.ytd(), "ytd_prior": windows.ytd_prior(), "next90d": windows.next_days(90)}
    base = {f"{measure}.{span}": sums.sum(measure, spans[span]) for span in _FLOWS for measure in _FLOWS[span]}
    base |= {measure: sums.stock(measure) for measure in _STOCKS}
    # A plan whose (non-zero) baseline cannot be converted counts as no plan.
    if not sums.convertible("plan_baseline", windows.total()):
        base |= {name: 0 for name in _STOCKS if name.startswith("plan")}
    return base


def _plan_components(c, day):
    plan = c["plans_active"] is not None and c["plans_active"] > 0
    if not plan:
        names = ("target", "goal", "gap", "pipeline", "pipeline_weighted", "revenue", "margin", "floor")
        return {f"plan_{name}": 0 for name in names}
    baseline, revenue = _number(c["plan_baseline"]), _number(c["revenue.t12m"])
    growth, min_margin = c["plan_target_growth"] / 1e6, c["plan_min_margin"] / 1e6
    elapsed = divide(float(day - c["plan_start"]), float(c["plan_end"] - c["plan_start"]))
    goal = _integer(baseline * (1 + growth))
    return {
        "plan_target": _integer(baseline * (1 + growth * clamp(elapsed, 0.0, 1.0))),
        "plan_goal": goal,
        "plan_gap": _integer(larger(0.0, _number(goal) - revenue)),
        "plan_pipeline": c["pipeline"],
        "plan_pipeline_weighted": c["pipeline_weighted"],
        "plan_revenue": c["revenue.t12m"],
        "plan_margin": c["margin"],
        "plan_floor": _integer(revenue * min_margin)}


def _forecast_components(sums):
    """Over the 12 closed months before D's month that have a forecast."""
    errors = {"error": 0, "actual": 0, "deviation": 0, "ape": 0, "ape_months": 0}
    this_month = civil.month_of(sums.windows.day)
    for month in range(this_month - 12, this_month):
        window = civil.first_day(month), civil.last_day(month)
        if sums.sum("forecast_months", window) == 0:
            continue
        if not sums.convertible("forecast", window):
            continue  # a non-zero forecast without a rate: the month is skipped, the currency listed
        f, a = sums.sum("forecast", window), sums.sum("revenue", window)
        if f is None or a is None:
            return {f"forecast_{name}": None for name in errors}
        errors["error"] += abs(f - a)
        errors["actual"] += a
        errors["deviation"] += f - a
        if a != 0:
            errors["ape"] += rounded(1_000_000.0 * abs(f - a) / abs(a))
            errors["ape_months"] += 1
    return {f"forecast_{name}": int64(value) for name, value in errors.items()}


def account_components(sums, parameters):
    """The components of one account, without those that need its KPIs."""
    c = base_components(sums)
    t12m, p12m = _number(c["revenue.t12m"]), _number(c["revenue.p12m"])
    margin = _integer(t12m - _number(c["variable_cost.t12m"]))
    margin2 = _integer(_number(margin) - _number(c["service_cost.t12m"]))
    retention, discount = float(parameters["clv.retention"]), float(parameters["clv.discount"])
    key_start = sums.sum("key_account", sums.windows.total_before_months(12))
    key_before_90 = sums.sum("key_account", sums.windows.total_before_days(90))
    c |= {
        "margin": margin,
        "margin2": margin2,
        "key_start": key_start,
        "key_retained": 1 if key_start > 0 and c["customer"] > 0 else 0,
        "base_revenue": _integer(p12m if p12m > 0 else 0.0),
        "retained_revenue": _integer(t12m if p12m > 0 else 0.0),
        "gross_retained_revenue": _integer(smaller(larger(t12m, 0.0), p12m) if p12m > 0 else 0.0),
        "clv_forward": _integer(divide(larger(_number(margin2), 0.0) * retention, 1 + discount - retention)),
        "review_missing": 1 if c["key_account"] > 0 and key_before_90 > 0 and c["executive_reviews.t90d"] == 0 else 0,
        "customers": c["customer"],
        "key_accounts": c["key_account"]}
    c |= _plan_components(c, sums.windows.day)
    c |= _forecast_components(sums)
    return c


def evaluate(c, histogram, zone, day, currency):
    """The KPIs that accounts and groups have in common, from (summed) components. Undefined ones are NaN."""
    v = {name: _number(value) for name, value in c.items()}
    unit = 10.0 ** DIGITS[currency]
    k = _revenue_kpis(v, unit) | _service_kpis(v, histogram, float(zone.midnight(day + 1)))
    k |= _sales_kpis(v, unit) | _plan_and_contract_kpis(v, unit)
    for name in ("initiatives_active", "escalations_open", "escalations_severe_open", "risks_open", "risks_severe",
                 "customers", "key_accounts"):
        k[name] = v[name]
    return k


def _revenue_kpis(v, unit):
    t12m = v["revenue.t12m"]
    shares = v["revenue_cross_sell.t12m"] + v["revenue_up_sell.t12m"] + v["revenue_bundle.t12m"]
    k = {f"revenue_{span}": v[f"revenue.{span}"] / unit for span in ("mtd", "qtd", "ytd", "t12m")}
    k["revenue_growth"] = divide(t12m, v["revenue.p12m"]) - 1 if v["revenue.p12m"] > 0 else UNDEFINED
    prior = v["revenue.ytd_prior"]
    k["revenue_growth_ytd"] = divide(v["revenue.ytd"], prior) - 1 if prior > 0 else UNDEFINED
    k["bookings_t12m"] = v["bookings.t12m"] / unit
    k["book_to_bill"] = share(v["bookings.t12m"], t12m)
    k["contribution_margin"] = v["margin"] / unit
    k["contribution_margin_ratio"] = share(v["margin"], t12m)
    k["contribution_margin_2"] = v["margin2"] / unit
    k["contribution_margin_2_ratio"] = share(v["margin2"], t12m)
    k["clv_historic"] = (v["revenue.total"] - v["variable_cost.total"] - v["service_cost.total"]
                         - v["acquisition_cost.total"]) / unit
    k["clv_predicted"] = v["clv_forward"] / unit
    k["acquisition_cost_ratio"] = share(v["acquisition_cost.t12m"], t12m)
    k["retention_rate"] = divide(v["key_retained"], v["key_start"])
    k["churn_rate"] = 1 - k["retention_rate"]
    k["net_revenue_retention"] = divide(v["retained_revenue"], v["base_revenue"])
    k["gross_revenue_retention"] = divide(v["gross_retained_revenue"], v["base_revenue"])
    for name in ("cross_sell", "up_sell", "bundle"):
        k[f"{name}_share"] = share(v[f"revenue_{name}.t12m"], t12m)
    k["cross_and_up_sell_share"] = share(shares, t12m)
    return k


def _service_kpis(v, histogram, midnight):
    """`midnight`: the end of D, in epoch seconds."""
    responses, answers = v["nps_responses.t365d"], v["csat_responses.t365d"]
    resolved = v["escalations_resolved.t90d"]
    k = {"initiatives_completed_t12m": v["initiatives_completed.t12m"]}
    k["escalation_age_days"] = (midnight - divide(v["escalations_open_since"], v["escalations_open"])) / 86400
    k["time_to_resolution_hours"] = divide(v["resolution_seconds.t90d"], resolved) / 3600
    k["time_to_resolution_p50_hours"] = quantile(histogram, 0.5) / 3600
    k["time_to_resolution_p90_hours"] = quantile(histogram, 0.9) / 3600
    k["time_to_acknowledge_hours"] = divide(v["acknowledge_seconds.t90d"], v["acknowledged.t90d"]) / 3600
    k["reopen_rate"] = divide(v["reopened.t12m"], v["escalations_resolved.t12m"] + v["reopened.t12m"])
    k["nps"] = divide(100 * (v["nps_promoters.t365d"] - v["nps_detractors.t365d"]), responses)
    k["csat"] = divide(v["csat_satisfied.t365d"], answers)
    k["csat_average"] = divide(v["csat_score.t365d"], answers)
    k["meetings_t90d"] = v["meetings.t90d"]
    k["executive_reviews_t12m"] = v["executive_reviews.t12m"]
    k["reviews_missing"] = v["review_missing"]
    k["stakeholder_coverage"] = divide(v["decision_makers_met"], v["decision_makers"])
    k["on_time_delivery"] = divide(v["deliveries_on_time.t90d"], v["deliveries_promised.t90d"])
    return k


def _sales_kpis(v, unit):
    won, lost = v["opportunities_won.t12m"], v["opportunities_lost.t12m"]
    actual = abs(v["forecast_actual"])
    k = {}
    k["forecast_accuracy"] = larger(0.0, 1 - divide(v["forecast_error"], actual))
    k["forecast_bias"] = divide(v["forecast_deviation"], actual)
    k["forecast_mape"] = divide(v["forecast_ape"], v["forecast_ape_months"]) / 1_000_000
    k["pipeline_open"] = v["pipeline"] / unit
    k["pipeline_weighted"] = v["pipeline_weighted"] / unit
    k["pipeline_coverage"] = divide(v["plan_pipeline"], v["plan_gap"])
    k["pipeline_coverage_weighted"] = divide(v["plan_pipeline_weighted"], v["plan_gap"])
    k["win_rate"] = divide(won, won + lost)
    k["win_rate_value"] = divide(v["won_amount.t12m"], v["won_amount.t12m"] + v["lost_amount.t12m"])
    k["sales_cycle_days"] = divide(v["won_cycle_days.t12m"], won)
    deal = divide(v["won_amount.t12m"], won)
    k["pipeline_velocity"] = divide(v["opportunities_open"] * k["win_rate"] * deal, k["sales_cycle_days"]) / unit
    k["slippage_rate"] = divide(
        v["opportunities_slipped.t90d"],
        v["opportunities_open"] + v["opportunities_won.t90d"] + v["opportunities_lost.t90d"])
    k["pipeline_overdue_share"] = divide(v["pipeline_overdue"], v["pipeline"])
    quotes = v["quotes_accepted.t12m"] + v["quotes_rejected.t12m"] + v["quotes_expired.t12m"]
    k["quote_conversion"] = divide(v["quotes_accepted.t12m"], quotes)
    k["quotes_open_amount"] = v["quotes_open_amount"] / unit
    return k


def _plan_and_contract_kpis(v, unit):
    k = {}
    k["plan_attainment"] = divide(v["plan_revenue"], v["plan_target"])
    if v["plans_active"] > 0:
        k["plan_progress"] = divide(v["plan_revenue"] - v["plan_baseline"], v["plan_goal"] - v["plan_baseline"])
    k["plan_margin_headroom"] = (share(v["plan_margin"], v["plan_revenue"])
                                 - share(v["plan_floor"], v["plan_revenue"]))
    k["contract_value_active"] = v["contract_value"] / unit
    k["contracts_due_90d"] = v["contracts_due.next90d"]
    k["contract_value_due_90d"] = v["contract_value_due.next90d"] / unit
    k["renewal_rate"] = divide(v["renewals.t12m"], v["renewals.t12m"] + v["lapses.t12m"] + v["terminations.t12m"])
    return k


def _health(c, k):
    """Only while a customer, and with at least one of NPS, CSAT, growth, coverage, delivery."""
    scores = [
        (2, (k["nps"] + 100) / 2),
        (1, 100 * k["csat"]),
        (2, clamp(50 + 200 * k["revenue_growth"], 0.0, 100.0)),
        (2, clamp(100 - 10 * k["escalations_open"] - 20 * k["escalations_severe_open"], 0.0, 100.0)),
        (1, 100 * k["stakeholder_coverage"]),
        (1, 100 * k["on_time_delivery"]),
        (1, 100 * (1 - k["reviews_missing"]) if c["key_account"] > 0 else UNDEFINED)]
    measured = [scores[index][1] for index in (0, 1, 2, 4, 5)]
    if not c["customer"] > 0 or all(map(math.isnan, measured)):
        return UNDEFINED
    return weighted_mean(scores)


def account_kpis(c, histogram, zone, day, currency, parameters):
    """All KPIs of an account; adds the components that need them to `c`."""
    k = evaluate(c, histogram, zone, day, currency)
    unit = 10.0 ** DIGITS[currency]
    if c["plans_active"] > 0:
        on_track = k["plan_attainment"] >= 1 and _number(c["plan_margin"]) >= _number(c["plan_floor"])
        k["plan_on_track"] = 1.0 if on_track else 0.0
    revenue = divide(_number(c["revenue.t12m"]) / unit, float(parameters["selection.revenue_scale"]))
    potential = divide(_number(c["potential"]) / unit, float(parameters["selection.potential_scale"]))
    k["selection_score"] = (40 * clamp(revenue, 0.0, 1.0) + 0.3 * _number(c["importance"])
                            + 30 * clamp(potential, 0.0, 1.0))
    k["health_score"] = _health(c, k)
    k["at_risk"] = 1.0 if k["health_score"] < 50 or c["risks_severe"] > 0 else 0.0
    healthy = not math.isnan(k["health_score"]) and c["customer"] > 0
    c["health_points"] = rounded(100 * k["health_score"]) if healthy else 0
    c["health_accounts"] = 1 if healthy else 0
    c["at_risk_accounts"] = int(k["at_risk"]) if c["customer"] > 0 else 0
    return k


def group_kpis(members, histograms, zone, day, currency):
    """The same formulas on the summed components; `members` are the accounts' components."""
    summed = {}
    for name in members[0]:
        values = [c[name] for c in members]
        summed[name] = None if None in values else int64(sum(values))
    histogram = {}
    for bins in histograms:
        for number, count in bins.items():
            histogram[number] = histogram.get(number, 0) + count
    k = evaluate(summed, histogram, zone, day, currency)
    points = divide(_number(summed["health_points"]) / 100, _number(summed["health_accounts"]))
    k["health_score"] = points
    k["accounts_at_risk"] = _number(summed["at_risk_accounts"])
    return k


def defined(kpis):
    """A result that is not finite is undefined, and absent outside."""
    return {name: value for name, value in kpis.items() if math.isfinite(value)}
