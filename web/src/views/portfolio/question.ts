// What the portfolio's table is asked for: it stands in the address.
import type { AccountAttributes } from "../../api/types";
import type { Parameters } from "../../api/client";

/** What accounts can be filtered by, besides conditions on KPIs; `prefix`: the groups that say which values there are. */
export const ATTRIBUTES = [
  { name: "manager_id", prefix: "manager:" },
  { name: "segment", prefix: "segment:" },
  { name: "region", prefix: "region:" },
  { name: "industry", prefix: "industry:" },
  { name: "tier", prefix: "tier:" },
  { name: "parent_id", prefix: "parent:" },
] as const;

export type AttributeName = (typeof ATTRIBUTES)[number]["name"];

export const FLAGS = ["customer", "key_account"] as const;

export interface Question {
  group: string; // whose accounts; empty: all that one sees
  attributes: Partial<Record<AttributeName, string>>;
  flags: Partial<Record<(typeof FLAGS)[number], string>>; // "true", "false"
  where: string[]; // "nps<0"
  text: string;
  sort: string; // a KPI, name or id; with - in front the greatest first
}

export function readQuestion(query: URLSearchParams, group: string, sort: string): Question {
  const question: Question = {
    group,
    attributes: {},
    flags: {},
    where: (query.get("where") ?? "").split(",").filter((condition) => condition !== ""),
    text: query.get("q") ?? "",
    sort: query.get("sort") || sort,
  };
  for (const { name } of ATTRIBUTES) {
    const value = query.get(name);
    if (value) question.attributes[name] = value;
  }
  for (const flag of FLAGS) {
    const value = query.get(flag);
    if (value) question.flags[flag] = value;
  }
  return question;
}

/** For /v1/accounts. */
export function parametersOf(question: Question, kpis: readonly string[]): Parameters {
  const { group, attributes, flags, where, text, sort } = question;
  return { group, ...attributes, ...flags, where, q: text, sort, kpis };
}

/** How many filters hold, besides the group. */
export function filtersOf(question: Question): number {
  const { attributes, flags, where, text } = question;
  return Object.keys(attributes).length + Object.keys(flags).length + where.length + (text === "" ? 0 : 1);
}

/**
 * Whether an account is known to be what is asked for: it may be without being known, as conditions on KPIs are left to
 * the gateway; of the group it is.
 */
export function fits(question: Question, attributes: AccountAttributes | undefined): boolean {
  if (question.where.length > 0 || Object.keys(question.flags).length > 0) return false;
  const name = attributes?.name?.toLocaleLowerCase() ?? "";
  return name.includes(question.text.toLocaleLowerCase()) && ATTRIBUTES.every(({ name }) => {
    const wanted = question.attributes[name];
    return wanted === undefined || attributes?.[name] === wanted;
  });
}
