// What an event says, in a line: the few members of its payload that people look for, in the order in which they do.
import { dayOf, formatDay } from "../../format/dates";
import { formatAmount } from "../explain/amounts";
import type { Payload } from "../../api/events";

interface Money {
  currency_code?: string;
  minor?: number | string;
}

function isMoney(value: unknown): value is Money {
  return typeof value === "object" && value !== null && "currency_code" in value && "minor" in value;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const SHOWN_MAX = 4;

/** One member for people; "": it is none of their business. */
function memberText(value: unknown): string {
  if (isMoney(value)) return formatAmount(value.minor ?? 0, value.currency_code || undefined);
  if (Array.isArray(value)) return value.map(memberText).filter((text) => text !== "").join(" + ");
  if (typeof value === "string") {
    if (DAY.test(value) && !Number.isNaN(dayOf(value).getTime())) return formatDay(value);
    return /^[A-Z_]+$/.test(value) ? value.toLowerCase().replaceAll("_", " ") : value;
  }
  return typeof value === "number" ? String(value) : "";
}

/** "1,234.00 € · direct · 2 lines": without ids, which stand beside it. */
export function payloadText(payload: Payload): string {
  const texts = Object.entries(payload)
    .filter(([name]) => !name.endsWith("_id") && name !== "line_count")
    .map(([, value]) => memberText(value))
    .filter((text) => text !== "");
  return [...new Set(texts)].slice(0, SHOWN_MAX).join(" · ");
}
