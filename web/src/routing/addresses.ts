// The addresses of the views: what one view needs to know of another.
import { pathTo } from "../api/client";
import { addressWith } from "./router";

export const addressOfAccount = (id: string): string => pathTo("accounts", id);

/** Accounts of a group. */
export const addressOfGroup = (id: string): string => `/?${new URLSearchParams({ group: id })}`;

/** The present view with the panel that says why a number is what it is; `of` is an account or a group. */
export const addressOfWhy = (kind: "account" | "group", of: string, kpi: string): string =>
  addressWith({ why: kpi, [kind === "account" ? "of" : "of_group"]: of, [kind === "account" ? "of_group" : "of"]: null, since: null });
