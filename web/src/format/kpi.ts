// A KPI's value for people: its text, its exact value, and how it is judged.
import type { KpiShape } from "../api/types";
import { said } from "../texts/language";
import { t } from "../texts/texts";
import { exactMoney, NARROW, shortMoney, SPACE } from "./money";
import { formatNumber } from "./number";

export type Judgement = "good" | "warn" | "bad";

/** By the thresholds of the catalogue; undefined: it has none, or there is no value. */
export function judge(kpi: KpiShape, value: number | undefined): Judgement | undefined {
  const { good, bad } = kpi.thresholds ?? {};
  if (value === undefined || (good === undefined && bad === undefined) || kpi.better === "neither") return undefined;
  const sign = kpi.better === "higher" ? 1 : -1;
  if (good !== undefined && sign * value >= sign * good) return "good";
  if (bad !== undefined && sign * value <= sign * bad) return "bad";
  return "warn";
}

function withUnit(kpi: KpiShape, value: number, digits: number, digitsMin = digits): string {
  switch (kpi.unit) {
    case "ratio":
      return `${formatNumber(value * 100, Math.max(0, digits - 2), Math.max(0, digitsMin - 2))}${NARROW}%`;
    case "days":
      return `${formatNumber(value, digits, digitsMin)}${SPACE}${t("unit.days", { n: Number(value.toFixed(digits)) })}`;
    case "hours":
      return `${formatNumber(value, digits, digitsMin)}${SPACE}${t("unit.hours")}`;
    case "flag":
      return value === 0 ? t("flag.no") : t("flag.yes");
    default:
      return formatNumber(value, digits, digitsMin);
  }
}

/** "12.41 M€", "31.2 %", "42". */
export function shortValue(kpi: KpiShape, value: number, currency: string): string {
  if (kpi.unit === "money") return shortMoney(value, currency);
  if (kpi.unit === "money/day") return shortMoney(value, currency) + t("unit.per_day");
  return withUnit(kpi, value, kpi.digits);
}

/** "20 %" of a threshold that is 20.0 %: somebody has set it, nobody has measured it. */
export function setValue(kpi: KpiShape, value: number, currency: string): string {
  return kpi.unit.startsWith("money") ? shortValue(kpi, value, currency) : withUnit(kpi, value, kpi.digits, 0);
}

/** All that is known of it. */
export function exactValue(kpi: KpiShape, value: number, currency: string): string {
  if (kpi.unit === "money") return exactMoney(value, currency);
  if (kpi.unit === "money/day") return exactMoney(value, currency) + t("unit.per_day");
  return withUnit(kpi, value, kpi.unit === "flag" ? 0 : Math.max(kpi.digits, kpi.unit === "count" ? 0 : 4));
}

/** Why there is no value: what has not happened, as the catalogue says it. */
export function whyUndefined(kpi: KpiShape): string {
  return said(kpi.undefined, t("undefined.other"));
}

export interface Difference {
  text: string; // "+6.2 %", "−4 pts"
  direction: -1 | 0 | 1;
  better: boolean | undefined; // undefined: neither, or no difference
}

function signed(text: string, direction: number): string {
  return direction > 0 ? `+${text}` : direction < 0 ? `−${text}` : `±${text}`;
}

const SHARE_MAX = 10;

/** How far `value` is from `before`: money in percent, shares in percentage points, the rest as it is. */
export function difference(kpi: KpiShape, value: number, before: number, currency: string): Difference | undefined {
  let text: string;
  let by = value - before;
  if (kpi.unit === "money" || kpi.unit === "money/day") {
    if (before <= 0) return undefined; // a share of nothing, or of a loss, says nothing
    const share = Math.abs(by / before);
    // "+49,382.9 %" tells nobody how much it is.
    text = share < SHARE_MAX ? `${formatNumber(share * 100, 1)}${NARROW}%` : shortValue(kpi, Math.abs(by), currency);
    if (Math.abs(by / before) < 0.0005) by = 0;
  } else if (kpi.unit === "ratio") {
    text = `${formatNumber(Math.abs(by) * 100, 1)}${SPACE}${t("unit.points")}`;
    if (Math.abs(by) < 0.0005) by = 0;
  } else {
    text = shortValue(kpi, Math.abs(by), currency);
    if (Math.abs(by) < 0.5 * 10 ** -kpi.digits) by = 0;
  }
  const direction = Math.sign(by) as -1 | 0 | 1;
  const better = direction === 0 || kpi.better === "neither" ? undefined : (direction > 0) === (kpi.better === "higher");
  return { text: signed(text, direction), direction, better };
}
