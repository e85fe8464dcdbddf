// What an event says, in a line: the few members of its payload that people look for, in the order in which they do.
import { dayOf, formatDay, formatInstant } from "../../format/dates";
import { SPACE } from "../../format/money";
import { formatNumber } from "../../format/number";
import { t } from "../../texts/texts";
import { formatAmount } from "../explain/amounts";
import type { Payload } from "../../api/events";
import { valueName } from "../../texts/domain";

interface Money {
  currency_code?: string;
  minor?: number | string;
}

function isMoney(value: unknown): value is Money {
  return typeof value === "object" && value !== null && "currency_code" in value && "minor" in value;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/;
const SHOWN_MAX = 4;

// A number is never alone; those that are not here would be.
const NUMBERS: Record<string, (value: number) => string> = {
  duration_minutes: (value) => `${value}${SPACE}${t("unit.minutes")}`,
  score: (value) => t("event.score", { n: value }),
  strategic_importance: (value) => t("event.importance", { n: value }),
  probability: (value) => t("event.probability", { n: value }),
  target_growth: (value) => t("event.target_growth", { n: formatNumber(value * 100, 1, 0) }),
  min_margin: (value) => t("event.min_margin", { n: formatNumber(value * 100, 1, 0) }),
};

/** One member for people; "": it is none of their business. */
function memberText(name: string, value: unknown): string {
  if (isMoney(value)) return formatAmount(value.minor ?? 0, value.currency_code || undefined);
  if (Array.isArray(value)) return value.map((one) => memberText(name, one)).filter((text) => text !== "").join(" + ");
  if (typeof value === "string") {
    if (DAY.test(value) && !Number.isNaN(dayOf(value).getTime())) return formatDay(value);
    if (INSTANT.test(value) && !Number.isNaN(Date.parse(value))) return formatInstant(value);
    return valueName(value);
  }
  return typeof value === "number" ? (NUMBERS[name]?.(value) ?? "") : "";
}

/** "1,234.00 € · direct · 2 lines": without ids, which stand beside it. */
export function payloadText(payload: Payload): string {
  const texts = Object.entries(payload)
    .filter(([name]) => !name.endsWith("_id") && name !== "line_count")
    .map(([name, value]) => memberText(name, value))
    .filter((text) => text !== "");
  return [...new Set(texts)].slice(0, SHOWN_MAX).join(" · ");
}
