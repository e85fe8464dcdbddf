// What is live: the one stream of the page, the rows that it keeps up to date, and how it does.
import { useEffect } from "react";
import { get } from "../api/client";
import { turns } from "../api/turns";
import type { Status, Update } from "../api/types";
import { Store } from "../base/store";
import { streamParameters, type Interest } from "./interest";
import { rows, type Selection } from "./rows";
import type { ServerEvent } from "./sse";
import { Stream, type StreamState } from "./stream";

/** Rises when all that was read is to be read again: the values come from another log, or follow other definitions. */
export const generation = new Store(0);

export const streamState = new Store<StreamState>("connecting");

/** When the last change was told, in milliseconds since 1970; null: none yet. */
export const lastChange = new Store<number | null>(null);

/** Rises when alerts of what is wanted are others than before: lists of them are to be read again. */
export const alertChanges = new Store(0);

/** What the gateway said of itself when the page began, or last began anew. */
export const status = new Store<Status | null>(null);

const interests = new Map<object, Interest>();
let opened = "";
let asked: Selection = [];
let scheduled = false;

const stream = new Stream({
  onState: (state) => streamState.set(state),
  onEvent: (event) => take(event),
});

function take(event: ServerEvent): void {
  if (event.type === "update") {
    rows.apply(JSON.parse(event.data) as Update, asked, true);
    lastChange.set(Date.now());
  } else if (event.type === "gone") {
    const gone = JSON.parse(event.data) as { account_id?: string; group_id?: string };
    rows.remove(gone.account_id || gone.group_id || "");
    lastChange.set(Date.now());
  } else if (event.type === "alerts") {
    alertChanges.set(alertChanges.get() + 1);
  } else if (event.type === "reset") {
    // The present values of all rows would follow: the lists on the screen are fewer, and are read again instead.
    void begin();
  }
}

/** Reads where the stream begins; everything that is read after that is kept up to date. ApiError: as get(). */
export async function begin(): Promise<Status> {
  stream.close();
  const now = await get<Status>("/v1/status");
  status.set(now);
  rows.clear();
  opened = "";
  wanted = now.stream_id;
  generation.set(generation.get() + 1);
  schedule();
  return now;
}

let wanted: string | undefined; // the id to begin with, once

function schedule(): void {
  if (scheduled) return;
  scheduled = true;
  // At first it goes on from where the page began, so it can wait for what one sees first; later it must not miss what
  // is told while a list is read.
  if (wanted !== undefined) void turns.take(1, async () => open());
  else queueMicrotask(open);
}

function open(): void {
  scheduled = false;
  if (status.get() === null) return; // begin() will
  const parameters = streamParameters([...interests.values()]);
  const key = JSON.stringify(parameters);
  if (key === opened && wanted === undefined) return;
  opened = key;
  asked = parameters === null ? [] : parameters.kpis.length === 0 ? "all" : parameters.kpis;
  stream.want(parameters, wanted);
  if (parameters !== null) wanted = undefined;
}

/**
 * Keeps the rows of `interest` up to date for as long as the component is there; null: none. What the component reads
 * from the API after this is not overtaken: the stream goes on from where it was at this moment.
 */
export function useInterest(interest: Interest | null): void {
  const key = JSON.stringify(interest);
  useEffect(() => {
    if (interest === null) return;
    const owner = {};
    interests.set(owner, interest);
    schedule();
    return () => {
      interests.delete(owner);
      schedule();
    };
    // `key` is what `interest` says.
  }, [key]);
}

/** The gateway wants to know who this is: nothing is told until then. */
export function pause(): void {
  stream.close();
  status.set(null);
}
