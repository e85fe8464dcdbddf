// What groups are called: "manager:M7" is "Key account manager: M7".
import { said } from "../texts/language";
import type { Catalog } from "./catalog";

export function groupName(catalog: Catalog, id: string): string {
  for (const group of catalog.document.groups) {
    if (group.id === id) return said(group.label, id);
    if (group.prefix !== undefined && id.startsWith(group.prefix)) {
      return `${said(group.label, group.prefix)}: ${id.slice(group.prefix.length)}`;
    }
  }
  return id;
}

/** What groups of a kind are called: "Region" of "region:". */
export function kindName(catalog: Catalog, prefix: string): string {
  const group = catalog.document.groups.find((candidate) => candidate.prefix === prefix);
  return said(group?.label, prefix);
}
