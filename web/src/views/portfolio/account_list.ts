// The accounts that a question leads to, in the order of the moment when it was asked: rows keep their place while their
// values change, and the list says that its order is another one by now.
import { useCallback, useEffect, useRef, useState } from "react";
import { get } from "../../api/client";
import { ApiError } from "../../api/client";
import type { AccountPage } from "../../api/types";
import { turns } from "../../api/turns";
import { useStore } from "../../base/store";
import { generation } from "../../live/live";
import { idOf, rows } from "../../live/rows";
import { fits, parametersOf, type Question } from "./question";

const FIRST_PAGE = 60; // what a screen shows
const PAGE = 1_000;

export interface AccountList {
  ids: readonly string[];
  total: number;
  loading: boolean;
  error: ApiError | undefined;
  outOfOrder: boolean;
  need: (count: number) => void; // so many are wanted, as far as there are; the same function for the same question
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

/** The KPI that says the order, and which way; undefined: it is another thing that never changes. */
function orderOf(sort: string): { kpi: string; descending: boolean } | undefined {
  const descending = sort.startsWith("-");
  const kpi = descending ? sort.slice(1) : sort;
  return kpi === "id" || kpi === "name" ? undefined : { kpi, descending };
}

function isOutOfOrder(ids: readonly string[], place: number, sort: string): boolean {
  const order = orderOf(sort);
  if (order === undefined) return false;
  const value = (index: number) => rows.get(ids[index] ?? "")?.kpis[order.kpi];
  const before = place > 0 && compareValues(value(place - 1), value(place), order.descending) > 0;
  const after = place + 1 < ids.length && compareValues(value(place), value(place + 1), order.descending) > 0;
  return before || after;
}

/** Whether an account that is not among `ids` would be by now: where they are not `all`, by the last of them. */
function isMissing(id: string, ids: readonly string[], all: boolean, question: Question): boolean {
  const row = rows.get(id);
  if (!row?.account_id || !rows.isUnread(id) || !fits(question, row.attributes)) return false;
  const order = orderOf(question.sort);
  if (all || order === undefined) return all;
  const last = rows.get(ids[ids.length - 1] ?? "");
  return compareValues(row.kpis[order.kpi], last?.kpis[order.kpi], order.descending) < 0;
}

/** Whether the places of `ids` are wrong by now: looked at when they are read, and with each change of theirs. */
function useOutOfOrder(ids: readonly string[], all: boolean, question: Question): boolean {
  const [changed, setChanged] = useState(false);
  useEffect(() => {
    // The values of a list that is read again come before its order, and are told to who watches the old one.
    setChanged(ids.some((_, place) => isOutOfOrder(ids, place, question.sort)));
    const places = new Map(ids.map((id, place) => [id, place]));
    return rows.watch((updated) => {
      for (const id of updated) {
        const place = places.get(id);
        const wrong = place === undefined ? isMissing(id, ids, all, question)
          : rows.get(id) === undefined || isOutOfOrder(ids, place, question.sort);
        if (wrong) return setChanged(true);
      }
    });
  }, [ids, all, question]);
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
  const latest = useRef(loaded);
  const needed = useRef(FIRST_PAGE);
  const parameters = parametersOf(question, kpis);
  const key = JSON.stringify([parameters, round, asked]);

  const read = useCallback(
    (from: Loaded, controller: AbortController, limit: number) => {
      reading.current = controller;
      const asked = { ...parameters, limit, cursor: from.cursor };
      turns.take(limit === FIRST_PAGE ? 0 : 2, () => get<AccountPage>("/v1/accounts", asked, controller.signal)).then(
        (page) => {
          if (controller.signal.aborted) return;
          for (const row of page.accounts) rows.apply(row, kpis, false);
          const next = merged(from, page);
          latest.current = next;
          setLoaded(next);
          if (next.cursor !== undefined && next.ids.length < needed.current) read(next, controller, PAGE);
          else reading.current = undefined;
        },
        (error: unknown) => {
          if (controller.signal.aborted) return;
          reading.current = undefined;
          latest.current = from;
          setLoaded({ ...from, loading: false, error: error instanceof ApiError ? error : new ApiError(0, String(error)) });
        },
      );
    },
    [key],
  );

  useEffect(() => () => {
    needed.current = FIRST_PAGE; // of the next question
  }, [JSON.stringify(parameters)]);

  useEffect(() => {
    setLoaded((before) => ({ ...before, loading: true, error: undefined }));
    read(NOTHING, new AbortController(), FIRST_PAGE);
    return () => {
      reading.current?.abort();
      latest.current = NOTHING;
    };
  }, [key]);

  const need = useCallback((count: number) => {
    needed.current = Math.max(needed.current, count);
    const { ids, cursor } = latest.current;
    if (reading.current !== undefined || cursor === undefined || ids.length >= needed.current) return;
    read(latest.current, new AbortController(), PAGE);
  }, [read]);
  const refresh = useCallback(() => setAsked((count) => count + 1), []);
  const outOfOrder = useOutOfOrder(loaded.ids, loaded.cursor === undefined, question);
  return { ...loaded, outOfOrder, need, refresh };
}
