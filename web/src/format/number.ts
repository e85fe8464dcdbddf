// Numbers as the language writes them, with a true minus, and none before what is rounded to zero.
import { locale } from "../texts/language";

// Made once: making one takes longer than writing many numbers with it.
const formats = new Map<string, Intl.NumberFormat>();

function formatOf(digits: number, digitsMin: number): Intl.NumberFormat {
  const key = `${locale()} ${digits} ${digitsMin}`;
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.NumberFormat(locale(), { minimumFractionDigits: digitsMin, maximumFractionDigits: digits });
    formats.set(key, format);
  }
  return format;
}

export function formatNumber(value: number, digits: number, digitsMin = digits): string {
  const rounded = Number(value.toFixed(digits)) === 0 ? 0 : value;
  const text = formatOf(digits, digitsMin).format(rounded);
  return text.replace("-", "\u2212");
}
