// The accounts that a question leads to, in the order of the moment when it was asked: rows keep their place while their
// values change, and the list says that its order is another one by now.
import { useCallback, useEffect, useRef, useState } from "react";
import { get } from "../../api/client";
import { ApiError } from "../../api/client";
import type { AccountPage } from "../../api/types";
import { useStore } from "../../base/store";
import { generation } from "../../live/live";
import { idOf, rows } from "../../live/rows";
import { fits, parametersOf, type Question } from "./question";

const FIRST_PAGE = 60; // what a screen shows
const PAGE = 1_000;
const READ_AHEAD_MAX = 10_000; // more are read when they are scrolled to

export interface AccountList {
  ids: readonly string[];
  total: number;
  loading: boolean;
  error: ApiError | undefined;
  outOfOrder: boolean;
  more: () => void; // the end comes in sight
  refresh: () => void;
}

interface Loaded {
  ids: string[];
  total: number;
  cursor: string | undefined;
  loading: boolean;
  error: ApiError | undefined;
}

const NOTHING: Loaded = { ids: [], total: 0, cursor: undefined, loading: true, error: undefined };

/** Negative: a stands before b. Undefined values stand last, whichever way it is sorted. */
export function compareValues(a: number | undefined, b: number | undefined, descending: boolean): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? 1 : -1;
  return descending ? b - a : a - b;
}

function isOutOfOrder(ids: readonly string[], place: number, sort: string): boolean {
  const descending = sort.startsWith("-");
  const kpi = descending ? sort.slice(1) : sort;
  if (kpi === "id" || kpi === "name") return false;
  const value = (index: number) => rows.get(ids[index] ?? "")?.kpis[kpi];
  const before = place > 0 && compareValues(value(place - 1), value(place), descending) > 0;
  const after = place + 1 < ids.length && compareValues(value(place), value(place + 1), descending) > 0;
  return before || after;
}

/** Whether the places of `ids` are wrong by now: looked at when they are read, and with each change of theirs. */
function useOutOfOrder(ids: readonly string[], question: Question): boolean {
  const [changed, setChanged] = useState(false);
  useEffect(() => {
    // The values of a list that is read again come before its order, and are told to who watches the old one.
    setChanged(ids.some((_, place) => isOutOfOrder(ids, place, question.sort)));
    const places = new Map(ids.map((id, place) => [id, place]));
    return rows.watch((updated) => {
      for (const id of updated) {
        const place = places.get(id);
        const row = rows.get(id);
        const isNew = place === undefined && row?.account_id && row.changes > 0 && fits(question, row.attributes);
        if (isNew || (place !== undefined && (row === undefined || isOutOfOrder(ids, place, question.sort)))) {
          setChanged(true);
          return;
        }
      }
    });
  }, [ids, question.sort]);
  return changed;
}

function merged(before: Loaded, page: AccountPage): Loaded {
  // A row may have moved from one page to another between two requests.
  const known = new Set(before.ids);
  const fresh = page.accounts.map(idOf).filter((id) => !known.has(id));
  return {
    ids: [...before.ids, ...fresh],
    total: page.total ?? before.total,
    cursor: page.next_cursor,
    loading: false,
    error: undefined,
  };
}

/** `kpis`: which values are read. */
export function useAccountList(question: Question, kpis: readonly string[]): AccountList {
  const round = useStore(generation);
  const [asked, setAsked] = useState(0);
  const [loaded, setLoaded] = useState<Loaded>(NOTHING);
  const reading = useRef<AbortController>();
  const parameters = parametersOf(question, kpis);
  const key = JSON.stringify([parameters, round, asked]);

  const read = useCallback(
    (from: Loaded, controller: AbortController, limit: number) => {
      reading.current = controller;
      get<AccountPage>("/v1/accounts", { ...parameters, limit, cursor: from.cursor }, controller.signal).then(
        (page) => {
          if (controller.signal.aborted) return;
          for (const row of page.accounts) rows.apply(row, kpis, false);
          const next = merged(from, page);
          setLoaded(next);
          if (next.cursor !== undefined && next.ids.length < READ_AHEAD_MAX) read(next, controller, PAGE);
          else reading.current = undefined;
        },
        (error: unknown) => {
          if (controller.signal.aborted) return;
          reading.current = undefined;
          setLoaded({ ...from, loading: false, error: error instanceof ApiError ? error : new ApiError(0, String(error)) });
        },
      );
    },
    [key],
  );

  useEffect(() => {
    const controller = new AbortController();
    setLoaded((before) => ({ ...before, loading: true, error: undefined }));
    read(NOTHING, controller, FIRST_PAGE);
    return () => controller.abort();
  }, [key]);

  const more = useCallback(() => {
    if (reading.current !== undefined || loaded.cursor === undefined || loaded.loading) return;
    read(loaded, new AbortController(), PAGE);
  }, [loaded, read]);
  const refresh = useCallback(() => setAsked((count) => count + 1), []);
  const outOfOrder = useOutOfOrder(loaded.ids, question);
  return { ...loaded, outOfOrder, more, refresh };
}
