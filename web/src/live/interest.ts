// What views want to be told of. The page has one stream, so their wishes are joined.

export interface Interest {
  accounts?: readonly string[];
  groups?: readonly string[];
  membersOf?: readonly string[]; // accounts of these groups
  kpis: readonly string[] | "all";
  alerts?: boolean; // which are raised of them, too
}

function union(lists: (readonly string[] | undefined)[]): string[] {
  return [...new Set(lists.flatMap((list) => list ?? []))].sort();
}

/** Of /v1/stream. */
export type StreamParameters = Record<"accounts" | "groups" | "members_of" | "kpis", string[]> & {
  alerts?: boolean | undefined;
};

/** What is asked for all of them; null: nobody wants anything. */
export function streamParameters(interests: readonly Interest[]): StreamParameters | null {
  const accounts = union(interests.map((interest) => interest.accounts));
  const groups = union(interests.map((interest) => interest.groups));
  const members = union(interests.map((interest) => interest.membersOf));
  if (accounts.length + groups.length + members.length === 0) return null;
  const all = interests.some((interest) => interest.kpis === "all");
  const kpis = all ? [] : union(interests.map((interest) => interest.kpis as readonly string[]));
  const alerts = interests.some((interest) => interest.alerts) || undefined;
  return { accounts, groups, members_of: members, kpis, alerts };
}
