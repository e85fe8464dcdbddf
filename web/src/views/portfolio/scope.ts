// Whose accounts are looked at: the group of the address, else the one that was looked at last, else the widest.
import { get } from "../../api/client";
import { useQuery, type Query } from "../../api/use_query";
import type { GroupPage } from "../../api/types";
import { recall, remember } from "../../base/remembered";
import { idOf } from "../../live/rows";
import { change } from "../../routing/router";

const PREFERRED = ["portfolio:key", "portfolio:all"];
const LISTED_MAX = 200;

/** Groups that can be chosen: all portfolios and managers, and as many others as a list can hold. */
export function useGroups(): Query<string[]> {
  return useQuery("groups", async (signal) => {
    const prefixes = ["portfolio:", "manager:", "segment:", "region:", "industry:", "tier:"];
    const pages = await Promise.all(
      prefixes.map((prefix) =>
        get<GroupPage>("/v1/groups", { prefix, kpis: "customers", limit: LISTED_MAX }, signal),
      ),
    );
    return pages.flatMap((page) => page.groups.map(idOf));
  });
}

export function scopeOf(query: URLSearchParams, groups: readonly string[]): string {
  const said = query.get("group");
  if (said !== null && said !== "") return said;
  const candidates = [recall("group") ?? "", ...PREFERRED, groups[0] ?? ""];
  return candidates.find((group) => groups.includes(group)) ?? "";
}

export function chooseScope(group: string): void {
  remember("group", group);
  change({ group });
}
