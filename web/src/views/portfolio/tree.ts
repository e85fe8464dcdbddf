// Corporate groups that open into their accounts: the list of accounts as a tree of two levels.
import type { Kpis } from "../../api/types";
import { rows } from "../../live/rows";
import { compareValues } from "./account_list";

export type Line =
  | { kind: "account"; id: string; inner: boolean }
  | { kind: "group"; id: string; parent: string; members: number; open: boolean };

/** Accounts as they are, each a line. */
export function flatLines(ids: readonly string[]): Line[] {
  return ids.map((id) => ({ kind: "account", id, inner: false }));
}

interface Node {
  key: string; // an account, or "parent:" and so on
  parent: string | undefined;
  members: string[];
}

function nodesOf(ids: readonly string[]): Node[] {
  const nodes: Node[] = [];
  const byParent = new Map<string, Node>();
  for (const id of ids) {
    const parent = rows.get(id)?.attributes?.parent_id;
    if (!parent) {
      nodes.push({ key: id, parent: undefined, members: [id] });
      continue;
    }
    let node = byParent.get(parent);
    if (node === undefined) {
      node = { key: `parent:${parent}`, parent, members: [] };
      byParent.set(parent, node);
      nodes.push(node);
    }
    node.members.push(id);
  }
  return nodes;
}

function placeOf(node: Node, sort: string): string | number | undefined {
  const row = rows.get(node.key);
  if (sort === "name") return (row?.attributes?.name || node.parent || node.key).toLocaleLowerCase();
  if (sort === "id") return node.parent ?? node.key;
  const kpis: Kpis = row?.kpis ?? {};
  return kpis[sort];
}

/** `ids` in their order, those of a corporate group under it, where it is open. */
export function treeLines(ids: readonly string[], open: ReadonlySet<string>, sort: string): Line[] {
  const descending = sort.startsWith("-");
  const by = descending ? sort.slice(1) : sort;
  const placed = nodesOf(ids).map((node) => ({ node, place: placeOf(node, by) }));
  placed.sort((a, b) => {
    if (typeof a.place === "string" && typeof b.place === "string") {
      return (descending ? -1 : 1) * a.place.localeCompare(b.place);
    }
    return compareValues(a.place as number | undefined, b.place as number | undefined, descending);
  });
  return placed.flatMap(({ node }): Line[] => {
    if (node.parent === undefined) return [{ kind: "account", id: node.key, inner: false }];
    const isOpen = open.has(node.parent);
    const head: Line = { kind: "group", id: node.key, parent: node.parent, members: node.members.length, open: isOpen };
    return isOpen ? [head, ...node.members.map((id): Line => ({ kind: "account", id, inner: true }))] : [head];
  });
}
