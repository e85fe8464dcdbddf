// Charts, explanations, and the health score taken apart.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Contribution, ExplainedComponent } from "../../web/src/api/explanation";
import { place, rangeOf, ticksOf } from "../../web/src/charts/scale";
import { linePath } from "../../web/src/charts/sparkline";
import { monthEnds } from "../../web/src/format/dates";
import { byTheme } from "../../web/src/format/themes";
import { changedFirst, countsOf, effectOf, effectOfRest, formatAmount, passes, sumByCurrency } from "../../web/src/views/explain/amounts";
import { payloadText } from "../../web/src/views/account/payload";
import { namesIn, weightedParts } from "../../web/src/views/account/weighted_mean";

test("axes have round numbers that span the values", () => {
  assert.deepEqual(ticksOf({ least: 0, most: 97 }, 4), [0, 50, 100]);
  assert.deepEqual(ticksOf({ least: -3, most: 12 }, 4), [-5, 0, 5, 10, 15]);
  assert.deepEqual(ticksOf({ least: 0.1, most: 0.32 }, 4), [0.1, 0.2, 0.3, 0.4]);
  assert.deepEqual(rangeOf([5, undefined, 5], false), { least: 4.5, most: 5.5 });
  assert.deepEqual(rangeOf([5, 7], true), { least: 0, most: 7 });
  assert.equal(rangeOf([undefined], true), undefined);
  assert.equal(place(5, { least: 0, most: 10 }, 100, 0), 50);
});

test("a line has gaps where there is no value", () => {
  assert.equal(linePath([0, 1, undefined, 1], 34, 14), "M2.0 12.0L12.0 2.0M32.0 2.0");
});

test("the ends of months, and the present day", () => {
  assert.deepEqual(monthEnds("2026-03-15", 3), ["2025-12-31", "2026-01-31", "2026-02-28", "2026-03-15"]);
});

test("every KPI has one theme, those that are not known the last", () => {
  const themes = byTheme([{ id: "mine" }, { id: "nps" }, { id: "revenue_t12m" }]);
  assert.deepEqual(themes.map(({ theme, shapes }) => [theme, shapes.map((shape) => shape.id)]), [
    ["growth", ["revenue_t12m"]], ["relationship", ["nps"]], ["other", ["mine"]],
  ]);
});

test("a weighted mean is taken apart, also within an if", () => {
  const formula = "if(sum(customer, total) > 0, wmean(2, (nps + 100) / 2, 1, clamp(50 + 200 * growth, 0, 100)), undefined)";
  assert.deepEqual(weightedParts(formula), [
    { weight: 2, formula: "(nps + 100) / 2" },
    { weight: 1, formula: "clamp(50 + 200 * growth, 0, 100)" },
  ]);
  assert.deepEqual(weightedParts("a / b"), []);
  assert.deepEqual(weightedParts("wmean(x, a)"), []);
  assert.deepEqual(namesIn("clamp(50 + nps * csat - nps, 0, 1)", (id) => ["nps", "csat"].includes(id)), ["nps", "csat"]);
});

const line = (amount: number, more: Partial<Contribution> = {}): Contribution => ({
  day: "2026-11-27", amount, event: { entity: { kind: "invoice" }, event_id: "e", type: "invoice_issued", occurred_at: "", recorded_at: "" },
  ...more,
});

test("what came adds, what left takes away, and both sum up to the change", () => {
  const lines = [line(500, { change: "came" }), line(300, { change: "left" }), line(200, { change: "moved", moved: "left" }),
    line(250, { change: "moved", moved: "came" })];
  assert.deepEqual(lines.map(effectOf), [500, -300, -200, 250]);
  assert.equal(effectOfRest({ count: 3, amount: 70, change: "left" }), -70);
  assert.equal(effectOfRest({ count: 3, amount: 70, change: "stays" }), 0);
  assert.equal(effectOf(line(-100)), -100);
  assert.deepEqual([...sumByCurrency([{ currency: "EUR", amount: 1 }, { amount: 2 }, { currency: "EUR", amount: 3 }])],
    [["EUR", 4], ["", 2]]);
});

test("events are counted with those that are not listed", () => {
  const component: ExplainedComponent = { name: "x", contributions: [line(5), line(-1)], rest: [{ count: 7, amount: 9 }] };
  assert.deepEqual(countsOf(component), { more: 1, less: 1, rest: 7 });
  const compared: ExplainedComponent = { ...component, since: {}, rest: [{ count: 7, amount: 9, change: "stays" }, { count: 2, amount: 1, change: "came" }] };
  assert.equal(countsOf(compared).rest, 2);
});

test("compared with a date what has changed comes first", () => {
  const parts: ExplainedComponent[] = [{ name: "same", value: 1, since: { value: 1 } }, { name: "new", value: 1, since: {} },
    { name: "more", value: 2, since: { value: 1 } }];
  assert.deepEqual(changedFirst(parts).map((one) => one.name), ["new", "more", "same"]);
  assert.deepEqual(changedFirst([{ name: "a", value: 1 }, { name: "b" }]).map((one) => one.name), ["a", "b"]);
});

test("amounts are of their currency, or none", () => {
  const read = (text: string) => text.replace(/\u00a0/g, " ");
  assert.equal(read(formatAmount(123456, "EUR")), "1,234.56 €");
  assert.equal(read(formatAmount(123456, "JPY")), "123,456 ¥");
  assert.equal(read(formatAmount("123456", undefined)), "123,456");
  assert.ok(passes({ month: "2026-11", type: "" }, line(1)));
  assert.ok(!passes({ month: "", type: "quote_issued" }, line(1)));
});

test("an event says days and instants as the language has them", () => {
  const text = payloadText({ meeting_id: "M1", kind: "BOARD", planned_for: "2026-12-07T07:30:00Z", due: "2026-12-08" });
  assert.match(text, /7 Dec 2026, \d\d:30:00 · 8 Dec 2026$/);
});
