// Dates and instants as the language has them, in the time zone of the values.
import { locale } from "../texts/language";
import { t } from "../texts/texts";

/** A civil day of the API, "2026-11-27", as a Date at UTC midnight. */
export function dayOf(text: string): Date {
  return new Date(`${text}T00:00:00Z`);
}

export function isoDay(date: Date): string {
  return date.toISOString().slice(0, 10);
}

/** "27.11.2026", "27 Nov 2026": none that could be read as another day elsewhere. */
export function formatDay(text: string): string {
  return dayOf(text).toLocaleDateString(locale(), { timeZone: "UTC", dateStyle: "medium" });
}

/** "Nov 2026". */
export function formatMonth(text: string): string {
  return dayOf(text).toLocaleDateString(locale(), { timeZone: "UTC", month: "short", year: "numeric" });
}

export function formatInstant(text: string): string {
  return new Date(text).toLocaleString(locale(), { dateStyle: "medium", timeStyle: "medium" });
}

/** The day so many months before; of a longer month its last day. */
export function monthsBefore(text: string, months: number): string {
  const day = dayOf(text);
  const target = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() - months, 1));
  const last = new Date(Date.UTC(target.getUTCFullYear(), target.getUTCMonth() + 1, 0)).getUTCDate();
  target.setUTCDate(Math.min(day.getUTCDate(), last));
  return isoDay(target);
}

/** The last days of the past months, and the present day. */
export function monthEnds(asOf: string, months: number): string[] {
  const day = dayOf(asOf);
  const ends = Array.from({ length: months }, (_, index) =>
    isoDay(new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() - months + 1 + index, 0))),
  );
  return [...ends, asOf];
}

export function daysBetween(from: string, to: string): number {
  return Math.round((dayOf(to).getTime() - dayOf(from).getTime()) / 86_400_000);
}

function inWords(seconds: number): string {
  if (seconds < 60) return t("age.seconds", { n: Math.floor(seconds) });
  if (seconds < 3_600) return t("age.minutes", { n: Math.floor(seconds / 60) });
  if (seconds < 86_400) return t("age.hours", { n: Math.floor(seconds / 3_600) });
  return t("age.days", { n: Math.floor(seconds / 86_400) });
}

/** "3 days", "5 h", "2 min": how long ago an instant was, in one line; in German as it stands after „seit“ and „vor“. */
export function age(instant: string | number, now: number = Date.now()): string {
  return inWords(Math.max(0, (now - new Date(instant).getTime()) / 1000)).replace(" ", "\u00a0");
}
