// Whose accounts are looked at: the group of the address, else the one that was looked at last, else the key accounts,
// all, or what the token is of.
import { get } from "../../api/client";
import type { Rank } from "../../api/turns";
import { useQuery, type Query } from "../../api/use_query";
import type { GroupPage } from "../../api/types";
import { session } from "../../api/session";
import { recall, remember } from "../../base/remembered";
import { useStore } from "../../base/store";
import { idOf } from "../../live/rows";
import { change } from "../../routing/router";

const PREFERRED = ["portfolio:key", "portfolio:all"];
const LISTED_MAX = 200;

async function readGroups(signal: AbortSignal): Promise<string[]> {
  const prefixes = ["portfolio:", "manager:", "segment:", "region:", "industry:", "tier:"];
  const pages = await Promise.all(
    prefixes.map((prefix) =>
      get<GroupPage>("/v1/groups", { prefix, kpis: "customers", limit: LISTED_MAX }, signal),
    ),
  );
  return pages.flatMap((page) => page.groups.map(idOf));
}

/** Groups that can be chosen: all portfolios and managers, and as many others as a list can hold. */
export function useGroups(rank: Rank = 0): Query<string[]> {
  return useQuery("groups", readGroups, rank);
}

/** The first of the candidates that there is; else any group; empty: there are none. */
async function findScope(candidates: readonly string[], signal: AbortSignal): Promise<string> {
  const page = await get<GroupPage>("/v1/groups", { id: candidates, kpis: "customers" }, signal);
  const present = page.groups.map(idOf);
  return candidates.find((group) => present.includes(group)) ?? (await readGroups(signal))[0] ?? "";
}

/** undefined: not known yet. What was looked at last is taken to be there until it is known. */
export function useScope(query: URLSearchParams): { group: string | undefined; error: Query<string>["error"] } {
  const who = useStore(session);
  const last = recall("group") ?? "";
  const own = who.state === "signed-in" ? who.who.groups : [];
  const candidates = [last, ...PREFERRED, ...own].filter((group) => group !== "").slice(0, LISTED_MAX);
  const found = useQuery(`scope ${candidates.join()}`, (signal) => findScope(candidates, signal));
  const group = query.get("group") || (found.data ?? (last === "" ? undefined : last));
  return { group, error: found.error };
}

export function chooseScope(group: string): void {
  remember("group", group);
  change({ group });
}
