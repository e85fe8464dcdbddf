// Money for people: by size in thousands and millions, exact where it is looked at.
import { locale } from "../texts/language";
import { t } from "../texts/texts";
import { formatNumber } from "./number";

interface Written {
  sign: string;
  digits: number;
}

// Made once for both: the first look at a currency takes longer than all that is written after it.
const known = new Map<string, Written>();

function writtenAs(currency: string): Written {
  const key = `${locale()} ${currency}`;
  const present = known.get(key);
  if (present !== undefined) return present;
  const format = new Intl.NumberFormat(locale(), { style: "currency", currency, currencyDisplay: "narrowSymbol" });
  const sign = format.formatToParts(0).find((part) => part.type === "currency")?.value ?? currency;
  const made = { sign, digits: format.resolvedOptions().maximumFractionDigits ?? 2 };
  known.set(key, made);
  return made;
}

/** "€"; "CHF" where the currency has no sign of its own. */
export function currencySign(currency: string): string {
  return writtenAs(currency).sign;
}

const NARROW = "\u202f"; // a space that is narrow and does not break
const SPACE = "\u00a0";

/** "12.41 M€" ("12,41 Mio €" in German), "480 k€", "912 €". */
export function shortMoney(value: number, currency: string): string {
  const sign = currencySign(currency);
  const size = Math.abs(value);
  if (size >= 999_500) {
    return `${formatNumber(value / 1e6, size >= 99_995_000 ? 1 : 2)}${SPACE}${t("money.million")}${sign}`;
  }
  if (size >= 9_999.5) return `${formatNumber(value / 1e3, 0)}${SPACE}k${sign}`;
  return `${formatNumber(value, 0)}${SPACE}${sign}`;
}

/** How many minor units a unit of the currency has. */
export function minorUnits(currency: string): number {
  return 10 ** writtenAs(currency).digits;
}

/** "12,410,233.00 €": to the last minor unit. */
export function exactMoney(value: number, currency: string): string {
  return `${formatNumber(value, writtenAs(currency).digits)}${SPACE}${currencySign(currency)}`;
}

export { NARROW, SPACE };
