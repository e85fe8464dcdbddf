// Numbers, dates and judgements as people read them.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import type { KpiShape } from "../../web/src/api/types";
import { age, daysBetween, monthsBefore } from "../../web/src/format/dates";
import { difference, exactValue, judge, shortValue, whyUndefined } from "../../web/src/format/kpi";
import { exactMoney, shortMoney } from "../../web/src/format/money";
import { breakable } from "../../web/src/texts/breakable";
import { language } from "../../web/src/texts/language";
import { t } from "../../web/src/texts/texts";

const kpi = (shape: Partial<KpiShape>): KpiShape => ({
  id: "x", unit: "count", better: "higher", digits: 0, formula: "", ...shape,
});
// Spaces that do not break are spaces to the reader.
const read = (text: string): string => text.replace(/[\u00a0\u202f]/g, " ");

beforeEach(() => language.set("en"));

test("money is short by its size", () => {
  const cases: [number, string][] = [
    [0, "0 €"], [912.4, "912 €"], [-9_999, "−9,999 €"], [12_345, "12 k€"], [480_000, "480 k€"], [999_499, "999 k€"],
    [999_600, "1.00 M€"], [12_410_233, "12.41 M€"], [1_204_000, "1.20 M€"], [-1_204_000, "−1.20 M€"],
    [123_456_789, "123.5 M€"],
  ];
  for (const [value, text] of cases) assert.equal(read(shortMoney(value, "EUR")), text);
  language.set("de");
  assert.equal(read(shortMoney(1_204_000, "EUR")), "1,20 Mio €");
});

test("money is exact to the last minor unit of its currency", () => {
  assert.equal(read(exactMoney(1234.5, "EUR")), "1,234.50 €");
  assert.equal(read(exactMoney(1234, "JPY")), "1,234 ¥");
  assert.equal(read(exactMoney(1234.5678, "KWD")), "1,234.568 KWD");
});

test("shares are percent, with the digits of the catalogue", () => {
  assert.equal(read(shortValue(kpi({ unit: "ratio", digits: 3 }), 0.3124, "EUR")), "31.2 %");
  assert.equal(read(exactValue(kpi({ unit: "ratio", digits: 3 }), 0.3124, "EUR")), "31.24 %");
  assert.equal(read(shortValue(kpi({ unit: "ratio", digits: 3 }), -0.0001, "EUR")), "0.0 %");
});

test("thresholds judge in the direction that is better", () => {
  const growth = kpi({ thresholds: { good: 0.05, bad: 0 } });
  assert.deepEqual([0.05, 0.04, 0, -1].map((value) => judge(growth, value)), ["good", "warn", "bad", "bad"]);
  const open = kpi({ better: "lower", thresholds: { good: 0, bad: 3 } });
  assert.deepEqual([0, 1, 3, 4].map((value) => judge(open, value)), ["good", "warn", "bad", "bad"]);
  assert.equal(judge(growth, undefined), undefined);
  assert.equal(judge(kpi({}), 1), undefined);
});

test("a difference is percent of money, points of shares, and never a share of nothing", () => {
  const money = kpi({ unit: "money" });
  assert.equal(read(difference(money, 106.2, 100, "EUR")!.text), "+6.2 %");
  assert.equal(difference(money, 100, 0, "EUR"), undefined);
  assert.equal(read(difference(money, 4_950_000, 10_000, "EUR")!.text), "+4.94 M€"); // 49,400 % would say nothing
  assert.equal(difference(money, 100, -5, "EUR"), undefined);
  const share = difference(kpi({ unit: "ratio", digits: 3, better: "lower" }), 0.31, 0.35, "EUR")!;
  assert.deepEqual([read(share.text), share.direction, share.better], ["−4.0 pts", -1, true]);
  const same = difference(kpi({ digits: 0 }), 38.2, 38.1, "EUR")!;
  assert.deepEqual([same.text, same.better], ["±0", undefined]);
});

test("what is undefined says why, as the catalogue has it", () => {
  const nps = kpi({ undefined: { de: "Keine Antwort", en: "No answer" } });
  assert.equal(whyUndefined(nps), "No answer");
  assert.equal(whyUndefined(kpi({})), "Not enough has happened yet to tell");
  language.set("de");
  assert.equal(whyUndefined(nps), "Keine Antwort");
});

test("months before a day end with their last day", () => {
  assert.equal(monthsBefore("2026-03-31", 1), "2026-02-28");
  assert.equal(monthsBefore("2024-02-29", 12), "2023-02-28");
  assert.equal(monthsBefore("2026-01-15", 24), "2024-01-15");
  assert.equal(daysBetween("2026-03-28", "2026-03-30"), 2);
});

test("an age has one unit", () => {
  const now = Date.parse("2026-11-27T12:00:00Z");
  assert.equal(age("2026-11-27T11:59:58Z", now), "2\u00a0s");
  assert.equal(age("2026-11-27T09:00:00Z", now), "3\u00a0h");
  assert.equal(age("2026-11-24T09:00:00Z", now), "3\u00a0days");
  assert.equal(age("2026-11-26T09:00:00Z", now), "1\u00a0day");
  assert.equal(age("2026-11-27T12:00:09Z", now), "0\u00a0s"); // a clock that is ahead
  language.set("de");
  assert.equal(t("attention.since", { age: age("2026-11-24T09:00:00Z", now) }), "seit 3\u00a0Tagen");
});

test("texts count in their language", () => {
  assert.equal(t("table.count", { n: 1 }), "1 account");
  assert.equal(t("table.count", { n: 12_345 }), "12,345 accounts");
  language.set("de");
  assert.equal(t("table.count", { n: 12_345 }), "12.345 Kunden");
});

test("long words may be divided where their halves meet", () => {
  assert.equal(breakable("Deckungsbeitragsquote II"), "Deckungsbeitrags\u00adquote II");
  assert.equal(breakable("Akquisitionskostenquote"), "Akquisitions\u00adkosten\u00adquote");
  assert.equal(breakable("Retention rate, Umsatz laufendes Jahr"), "Retention rate, Umsatz laufendes Jahr");
});

test("what writes numbers is made once", () => {
  const Known = Intl.NumberFormat;
  let made = 0;
  Intl.NumberFormat = new Proxy(Known, { construct: (target, parameters) => ((made += 1), Reflect.construct(target, parameters)) });
  try {
    exactMoney(1, "NOK");
    shortMoney(1, "NOK");
    assert.ok(made > 0);
    made = 0;
    exactMoney(2, "NOK");
    shortMoney(2, "NOK");
    assert.equal(made, 0);
  } finally {
    Intl.NumberFormat = Known;
  }
});
