// What is said of something that is open.
import type { Money, OpenThing } from "../api/open";
import { entityName, valueName } from "../texts/domain";
import { t, type TextKey } from "../texts/texts";
import { exactMoney, minorUnits, shortMoney } from "./money";

const EVENTS_OF_DUE: Record<string, TextKey> = {
  contract: "due.contract",
  quote: "due.quote",
  opportunity: "due.opportunity",
  order: "due.order",
};

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** What it is: "Contract", "Executive review" of a meeting. */
export function openName(thing: OpenThing): string {
  return thing.kind === "meeting" && thing.type ? capital(valueName(thing.type)) : entityName(thing.kind);
}

/** What happens on the day on which it is due: "Contract ends". */
export function dueName(thing: OpenThing): string {
  const key = EVENTS_OF_DUE[thing.kind];
  return key === undefined ? openName(thing) : t(key);
}

/** What is worth knowing of it, besides its name, dates and amount. */
export function openFacts(thing: OpenThing): string[] {
  const facts = [
    thing.title,
    thing.kind === "meeting" ? undefined : thing.type && valueName(thing.type),
    thing.severity && valueName(thing.severity),
    thing.department && valueName(thing.department),
    thing.stage,
    thing.probability === undefined ? undefined : `${thing.probability}\u202f%`,
    thing.acknowledged === false ? t("open.unanswered") : undefined,
    thing.terminated ? t("open.terminated") : undefined,
  ];
  return facts.filter((fact): fact is string => fact !== undefined && fact !== "");
}

const units = ({ currency_code: currency, minor }: Money): number => Number(minor) / minorUnits(currency);

export const shortAmount = (money: Money): string => shortMoney(units(money), money.currency_code);
export const exactAmount = (money: Money): string => exactMoney(units(money), money.currency_code);
