// Numbers as the language writes them, with a true minus, and none before what is rounded to zero.
import { locale } from "../texts/language";

export function formatNumber(value: number, digits: number, digitsMin = digits): string {
  const rounded = Number(value.toFixed(digits)) === 0 ? 0 : value;
  const text = rounded.toLocaleString(locale(), { minimumFractionDigits: digitsMin, maximumFractionDigits: digits });
  return text.replace("-", "\u2212");
}
