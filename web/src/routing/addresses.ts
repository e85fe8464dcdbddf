// The addresses of the views: what one view needs to know of another.
import { pathTo } from "../api/client";
import { addressWith, currentPlace, type Place } from "./router";

export const addressOfAccount = (id: string): string => pathTo("accounts", id);

/** Accounts of a group. */
export const addressOfGroup = (id: string): string => `/?${new URLSearchParams({ group: id })}`;

let without: { place: Place; address: string } | undefined;

/** The present view without the panel; made once for all numbers of it. */
function addressWithoutWhy(): string {
  const place = currentPlace();
  if (without?.place !== place) without = { place, address: addressWith({ why: null, of: null, of_group: null, since: null }) };
  return without.address;
}

/** The present view with the panel that says why a number is what it is; `of` is an account or a group. */
export function addressOfWhy(kind: "account" | "group", of: string, kpi: string): string {
  const address = addressWithoutWhy();
  const panel = new URLSearchParams({ why: kpi, [kind === "account" ? "of" : "of_group"]: of });
  return `${address}${address.includes("?") ? "&" : "?"}${panel}`;
}
