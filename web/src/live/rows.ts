// The latest values of the rows that were read: from lists and from the stream, never an older one after a newer one.
import { useCallback, useSyncExternalStore } from "react";
import type { Kpis, Update } from "../api/types";

/** What a list or a stream was asked for. */
export type Selection = readonly string[] | "all";

export interface Row extends Update {
  id: string;
  /** Rises with each change that was told live: what shows it may say so once. */
  changes: number;
}

export function idOf(update: Update): string {
  return update.account_id || update.group_id || "";
}

function isOlder(update: Update, than: Update): boolean {
  return (
    update.catalog_hash === than.catalog_hash &&
    update.source_partition === than.source_partition &&
    Number(update.source_offset) < Number(than.source_offset)
  );
}

/** The values of `before` with those of `update` put over them: what was asked for and is not there is undefined. */
function joined(before: Kpis, update: Kpis, asked: Selection): Kpis {
  if (asked === "all") return update;
  const kpis = { ...before };
  for (const id of asked) delete kpis[id];
  return Object.assign(kpis, update);
}

// What is told of accounts that no list has read is kept for as long as a list may be under way that has them, older: once
// or twice this time; so is what was read for a look only. The stream may tell of 100,000 accounts, and the page shows forty.
const PASSING_MS = 10_000;

export class Rows {
  private readonly rows = new Map<string, Row>();
  private readonly listeners = new Map<string, Set<() => void>>();
  private readonly watchers = new Set<(ids: ReadonlySet<string>) => void>();
  private readonly waiting = new Set<string>();
  private scheduled = false;
  private passing = { fresh: new Set<string>(), stale: new Set<string>() };
  private readonly unread = new Set<string>();
  private forgetting = false;

  get(id: string): Row | undefined {
    return this.rows.get(id);
  }

  /** `live`: it was told by the stream, as a change. `kept`: it was not read for a look only. */
  apply(update: Update, asked: Selection, live: boolean, kept = !live): void {
    const id = idOf(update);
    const before = this.rows.get(id);
    if (!live) this.unread.delete(id);
    else if (before === undefined) this.unread.add(id);
    if (kept) {
      this.passing.fresh.delete(id);
      this.passing.stale.delete(id);
    } else if (before === undefined || this.passing.stale.delete(id)) {
      this.passing.fresh.add(id);
      this.forgetLater();
    }
    if (before === undefined) {
      this.rows.set(id, { ...update, id, changes: 0 });
    } else if (isOlder(update, before)) {
      // It may have what was not asked for before; what is there is newer.
      this.rows.set(id, { ...before, kpis: { ...update.kpis, ...before.kpis } });
    } else {
      const kpis = joined(before.kpis, update.kpis, asked);
      this.rows.set(id, { ...update, id, kpis, changes: before.changes + (live ? 1 : 0) });
    }
    this.tell(id);
  }

  /** How many rows are kept. */
  get size(): number {
    return this.rows.size;
  }

  private forgetLater(): void {
    if (this.forgetting) return;
    this.forgetting = true;
    setTimeout(() => {
      this.forgetting = false;
      const { fresh, stale } = this.passing;
      for (const id of stale) {
        if (this.listeners.has(id)) {
          fresh.add(id);
        } else {
          this.rows.delete(id);
          this.unread.delete(id);
        }
      }
      this.passing = { fresh: new Set(), stale: fresh };
      if (fresh.size > 0) this.forgetLater();
    }, PASSING_MS);
  }

  /** Whether the row is known from the stream alone: no list has read it. */
  isUnread(id: string): boolean {
    return this.unread.has(id);
  }

  remove(id: string): void {
    this.unread.delete(id);
    if (this.rows.delete(id)) this.tell(id);
  }

  clear(): void {
    const ids = [...this.rows.keys()];
    this.rows.clear();
    this.unread.clear();
    ids.forEach((id) => this.tell(id));
  }

  subscribe(id: string, listener: () => void): () => void {
    const listeners = this.listeners.get(id) ?? new Set();
    this.listeners.set(id, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.listeners.delete(id);
    };
  }

  /** Is told which rows have changed, a frame's worth at a time. */
  watch(watcher: (ids: ReadonlySet<string>) => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  // Many updates between two pictures are one.
  private tell(id: string): void {
    this.waiting.add(id);
    if (this.scheduled) return;
    this.scheduled = true;
    requestAnimationFrame(() => {
      this.scheduled = false;
      const ids = new Set(this.waiting);
      this.waiting.clear();
      for (const changed of ids) this.listeners.get(changed)?.forEach((listener) => listener());
      for (const watcher of [...this.watchers]) watcher(ids);
    });
  }
}

export const rows = new Rows();

/** A row, live; undefined: it was not read yet, or is no more. */
export function useRow(id: string): Row | undefined {
  // The same function for the same row, so that drawing it again subscribes to nothing anew.
  const subscribe = useCallback((listener: () => void) => rows.subscribe(id, listener), [id]);
  return useSyncExternalStore(subscribe, () => rows.get(id));
}
