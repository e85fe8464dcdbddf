// Money for people: by size in k and Mio, exact where it is looked at.
import { locale } from "../texts/language";
import { formatNumber } from "./number";

const signs = new Map<string, string>();
const digits = new Map<string, number>();

function madeOnce<T>(known: Map<string, T>, key: string, make: () => T): T {
  const present = known.get(key);
  if (present !== undefined) return present;
  const made = make();
  known.set(key, made);
  return made;
}

function makeSign(currency: string): string {
  const parts = new Intl.NumberFormat(locale(), {
    style: "currency",
    currency,
    currencyDisplay: "narrowSymbol",
  }).formatToParts(0);
  return parts.find((part) => part.type === "currency")?.value ?? currency;
}

/** "€"; "CHF" where the currency has no sign of its own. */
export function currencySign(currency: string): string {
  return madeOnce(signs, `${locale()} ${currency}`, () => makeSign(currency));
}

const NARROW = "\u202f"; // a space that is narrow and does not break
const SPACE = "\u00a0";

/** "12.41 Mio €", "480 k€", "912 €". */
export function shortMoney(value: number, currency: string): string {
  const sign = currencySign(currency);
  const size = Math.abs(value);
  if (size >= 999_500) return `${formatNumber(value / 1e6, size >= 99_995_000 ? 1 : 2)}${SPACE}Mio${SPACE}${sign}`;
  if (size >= 9_999.5) return `${formatNumber(value / 1e3, 0)}${SPACE}k${sign}`;
  return `${formatNumber(value, 0)}${SPACE}${sign}`;
}

function digitsOf(currency: string): number {
  return madeOnce(digits, currency, () =>
    new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2);
}

/** How many minor units a unit of the currency has. */
export function minorUnits(currency: string): number {
  return 10 ** digitsOf(currency);
}

/** "12,410,233.00 €": to the last minor unit. */
export function exactMoney(value: number, currency: string): string {
  return `${formatNumber(value, digitsOf(currency))}${SPACE}${currencySign(currency)}`;
}

export { NARROW, SPACE };
