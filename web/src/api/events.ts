// An account's events as they are listed.
import type { EventOrigin } from "./explanation";

/** A summary: what an event says of its entity. */
export type Payload = Record<string, unknown>;

export interface ListedEvent extends EventOrigin {
  retracted?: boolean;
  without_effect?: string; // why it changes nothing
  payload: Payload;
}

export interface EventPage {
  events: ListedEvent[];
  total: number;
  next_cursor?: string;
}
