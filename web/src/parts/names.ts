// Names of what is known by its id alone: a corporate group is an account, and has that one's name.
import { get } from "../api/client";
import type { AccountPage } from "../api/types";
import { useQuery } from "../api/use_query";
import { useCatalog } from "../format/catalog";
import { groupName, kindName } from "../format/groups";
import { rows, useRow } from "../live/rows";

export const PARENT = "parent:";
const ASKED = ["customers"]; // no KPI at all would ask for every one
const EACH_MAX = 200; // as many ids as the gateway takes in one address

/** Reads the names of accounts that are not known yet. ApiError: as get(). */
export async function readNames(ids: readonly string[], signal: AbortSignal): Promise<void> {
  const unknown = ids.filter((id) => rows.get(id) === undefined);
  for (let begin = 0; begin < unknown.length; begin += EACH_MAX) {
    const id = unknown.slice(begin, begin + EACH_MAX);
    const page = await get<AccountPage>("/v1/accounts", { id, kpis: ASKED, limit: EACH_MAX }, signal);
    for (const row of page.accounts) rows.apply(row, ASKED, false);
  }
}

/** The account's name; its id while that is not known, or where one does not see it. */
export function useAccountName(id: string): string {
  const name = useRow(id)?.attributes?.name;
  useQuery(id === "" || name ? null : `name ${id}`, (signal) => readNames([id], signal));
  return name || id;
}

/** What the group is called: "Corporate group: Birken Foods" of "parent:K-1001". */
export function useGroupName(id: string): string {
  const catalog = useCatalog();
  const parent = useAccountName(id.startsWith(PARENT) ? id.slice(PARENT.length) : "");
  return parent === "" ? groupName(catalog, id) : `${kindName(catalog, PARENT)}: ${parent}`;
}
