// The amounts of a component: of events, of members, and what is not listed; their sums are what the component says.
import type { Amount, Contribution, ExplainedComponent, Rest } from "../../api/explanation";
import { exactMoney, minorUnits } from "../../format/money";
import { formatNumber } from "../../format/number";

/** "1,234.00 €" of minor units; a plain number where there is no currency. */
export function formatAmount(amount: Amount, currency: string | undefined): string {
  const number = Number(amount);
  if (currency === undefined) return formatNumber(number, 4, 0);
  return exactMoney(number / minorUnits(currency), currency);
}

export function restsOf(component: ExplainedComponent): Rest[] {
  if (component.rest === undefined) return [];
  return Array.isArray(component.rest) ? component.rest : [component.rest];
}

/** By what a contribution makes the number greater than it was; without a comparison, its amount. */
export function effectOf(contribution: Contribution): number {
  const amount = Number(contribution.amount);
  return contribution.change === "left" || contribution.moved === "left" ? -amount : amount;
}

export function effectOfRest(rest: Rest): number {
  if (rest.change === "stays") return 0;
  return rest.change === "left" ? -Number(rest.amount) : Number(rest.amount);
}

/** Sums by currency ("": none), in the order in which the currencies come. */
export function sumByCurrency(parts: readonly { currency?: string | undefined; amount: number }[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { currency = "", amount } of parts) sums.set(currency, (sums.get(currency) ?? 0) + amount);
  return sums;
}

export const monthOf = (contribution: Contribution): string => contribution.day.slice(0, 7);

export interface Filter {
  month: string; // "2026-11"; empty: any
  type: string; // "invoice_issued"; empty: any
}

export function passes(filter: Filter, contribution: Contribution): boolean {
  return (
    (filter.month === "" || monthOf(contribution) === filter.month) &&
    (filter.type === "" || contribution.event.type === filter.type)
  );
}

/** Compared with a date what has another value comes first. */
export function changedFirst(components: readonly ExplainedComponent[]): ExplainedComponent[] {
  const isSame = ({ since, value }: ExplainedComponent) => since !== undefined && since.value === value;
  return [...components.filter((one) => !isSame(one)), ...components.filter(isSame)];
}

/** How many events stand behind a component, and how many of them take away. */
export function countsOf(component: ExplainedComponent): { more: number; less: number; rest: number } {
  const listed = component.contributions ?? [];
  const less = listed.filter((contribution) => effectOf(contribution) < 0).length;
  const rest = restsOf(component)
    .filter((one) => component.since === undefined || one.change !== "stays")
    .reduce((sum, one) => sum + one.count, 0);
  return { more: listed.length - less, less, rest };
}
