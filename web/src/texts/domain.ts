// Words of the contract in the language of the user: types of events, kinds of entities, measures. What is newer than this page
// is said as it is written, with blanks.
import { de } from "./de_domain";
import { en } from "./en_domain";
import { language } from "./language";

type Domain = Record<string, string>;

function word(kind: "event" | "entity" | "measure", id: string): string {
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
