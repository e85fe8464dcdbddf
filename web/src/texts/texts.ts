// The page's words in the language of the user. tests/web/texts_test.py finds what is missing, unused or filled otherwise
// in one of the languages.
import { de } from "./de";
import { en, type TextKey } from "./en";
import { language, locale } from "./language";

export type { TextKey };

type Values = Record<string, string | number>;

function fill(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? value.toLocaleString(locale()) : value;
  });
}

/**
 * The text with its places filled. A text that counts has two forms, "one | others", chosen by `n`.
 */
export function t(key: TextKey, values: Values = {}): string {
  const text = language.get() === "de" ? de[key] : en[key];
  const forms = text.split(" | ");
  const one = forms.length === 1 || new Intl.PluralRules(locale()).select(Number(values["n"])) === "one";
  return fill(forms[one ? 0 : 1] ?? text, values);
}
