// A document of the API in a component: asked for when what it depends on changes, the old one shown until then.
import { useEffect, useState } from "react";
import { generation } from "../live/live";
import { useStore } from "../base/store";
import { ApiError } from "./client";
import { turns, type Rank } from "./turns";

export interface Query<T> {
  data: T | undefined; // the latest one; of the question before while `loading`
  error: ApiError | undefined;
  loading: boolean;
}

/**
 * `key` says what is asked: null asks nothing. `ask` is called again when it changes, or all values are told anew; after
 * what has a lower rank.
 */
export function useQuery<T>(key: string | null, ask: (signal: AbortSignal) => Promise<T>, rank: Rank = 0): Query<T> {
  const round = useStore(generation);
  const [query, setQuery] = useState<Query<T>>({ data: undefined, error: undefined, loading: key !== null });
  useEffect(() => {
    if (key === null) {
      setQuery({ data: undefined, error: undefined, loading: false });
      return;
    }
    const controller = new AbortController();
    setQuery((before) => ({ data: before.data, error: undefined, loading: true }));
    turns.take(rank, () => ask(controller.signal)).then(
      (data) => {
        if (!controller.signal.aborted) setQuery({ data, error: undefined, loading: false });
      },
      (error: unknown) => {
        if (controller.signal.aborted) return;
        const known = error instanceof ApiError ? error : new ApiError(0, String(error));
        setQuery({ data: undefined, error: known, loading: false });
      },
    );
    return () => controller.abort();
    // `ask` is what `key` says.
  }, [key, round]);
  return query;
}
