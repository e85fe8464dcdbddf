// Words of the contract in the language of the user: types of events, kinds of entities, measures, why an event is without
// effect, values that are one of a few. What is newer than this page is said as it is written, with blanks.
import { de } from "./de_domain";
import { en } from "./en_domain";
import { language } from "./language";

type Domain = Record<string, string>;

function word(kind: "event" | "entity" | "measure" | "reason" | "value", id: string): string {
  const words: Domain = language.get() === "de" ? de : en;
  return words[`${kind}.${id}`] ?? id.replaceAll("_", " ");
}

/** All that this page knows. */
export const EVENT_TYPES: readonly string[] = Object.keys(en)
  .filter((key) => key.startsWith("event."))
  .map((key) => key.slice("event.".length));

export const eventName = (type: string): string => word("event", type);
export const entityName = (kind: string): string => word("entity", kind);
export const measureName = (measure: string): string => word("measure", measure);
export const reasonName = (reason: string): string => word("reason", reason);

const VALUE = /^[A-Z][A-Z_]+$/;

/** "executive review" of EXECUTIVE_REVIEW; other texts as they are. */
export function valueName(value: string): string {
  if (!VALUE.test(value)) return value;
  const name = word("value", value);
  return name === value.replaceAll("_", " ") && value.includes("_") ? name.toLowerCase() : name;
}

/** "Contract C-7" beside the name of an event; just "INV-1" beside "Invoice", and nothing of the account itself. */
export function entityText({ type, entity }: { type: string; entity: { kind: string; id?: string } }): string {
  const name = entity.kind === "account" || entityName(entity.kind) === eventName(type) ? "" : entityName(entity.kind);
  return `${name} ${entity.id ?? ""}`.trim();
}
