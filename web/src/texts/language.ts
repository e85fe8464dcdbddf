// Which language the page speaks: the user's choice, else the browser's.
import type { Language, Text } from "../api/types";
import { recall, remember } from "../base/remembered";
import { Store } from "../base/store";

function preferred(): Language {
  const chosen = recall("language");
  if (chosen === "de" || chosen === "en") return chosen;
  return navigator.language.toLowerCase().startsWith("de") ? "de" : "en";
}

export const language = new Store<Language>(preferred());

export function choose(chosen: Language): void {
  remember("language", chosen);
  language.set(chosen);
}

/** The name that Intl knows; English as it is written in Europe: day before month, a clock of 24 hours. */
export function locale(): string {
  return language.get() === "de" ? "de-DE" : "en-GB";
}

/** A text of the catalogue; in the other language rather than not at all. */
export function said(text: Text | undefined, otherwise: string): string {
  return text?.[language.get()] ?? text?.en ?? text?.de ?? otherwise;
}
