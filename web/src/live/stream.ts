// The page's connection to /v1/stream: opened again whenever it is cut off, from where it was, and closed while nobody
// looks. Reads with fetch, as a token goes into a header and never into an address.
import { ApiError, errorOf, pathOf, send } from "../api/client";
import type { StreamParameters } from "./interest";
import { EventParser, type ServerEvent } from "./sse";

export type StreamState =
  | "idle" // nothing is wanted: what is shown is not of the kind that changes live
  | "connecting" // for the first time
  | "live"
  | "reconnecting"
  | "offline" // the machine has no network
  | "paused" // nobody looks
  | "refused"; // the gateway wants another token, or has no stream for this one

const WAIT_MS_MIN = 500;
const WAIT_MS_MAX = 15_000;
const SILENCE_MS_MAX = 45_000; // the gateway says something every 15 s
const HIDDEN_MS_MAX = 10_000; // a short look elsewhere does not close it

export interface StreamListener {
  onEvent(event: ServerEvent): void;
  onState(state: StreamState): void;
}

/** How long to wait before the n-th try in a row: longer and longer, and not all pages of a building at once. */
export function waitBefore(attempt: number, chance: number): number {
  const full = Math.min(WAIT_MS_MAX, WAIT_MS_MIN * 2 ** attempt);
  return full / 2 + (full / 2) * chance;
}

/** Of the id of a stream the moment alone, without what was asked: from there one goes on with another question (docs/api.md). */
export function momentOf(id: string): string {
  return id.replace(/^([^.:]*)\.[^:]*:/, "$1:");
}

export class Stream {
  private parameters: StreamParameters | null = null;
  private lastId = "";
  private controller: AbortController | undefined;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private silence: ReturnType<typeof setTimeout> | undefined;
  private hidden: ReturnType<typeof setTimeout> | undefined;
  private attempt = 0;
  private paused = false;

  constructor(private readonly listener: StreamListener) {
    document.addEventListener("visibilitychange", () => this.look());
    addEventListener("online", () => this.reopen());
    addEventListener("offline", () => this.interrupt("offline"));
    // A page that one has left may be kept for "back", its connections with it; there are six for all pages of a gateway.
    addEventListener("pagehide", () => this.close());
    addEventListener("pageshow", (event) => event.persisted && this.reopen());
  }

  /** Goes on from `lastId`, else from where it is, with what is wanted from now on. */
  want(parameters: StreamParameters | null, lastId?: string): void {
    this.parameters = parameters;
    this.lastId = lastId ?? momentOf(this.lastId);
    this.attempt = 0;
    this.reopen();
  }

  close(): void {
    clearTimeout(this.retry);
    clearTimeout(this.silence);
    this.controller?.abort();
    this.controller = undefined;
  }

  private interrupt(state: StreamState): void {
    this.close();
    this.listener.onState(state);
  }

  private look(): void {
    clearTimeout(this.hidden);
    if (document.hidden) {
      this.hidden = setTimeout(() => {
        this.paused = true;
        this.interrupt("paused");
      }, HIDDEN_MS_MAX);
    } else if (this.paused) {
      this.paused = false;
      this.attempt = 0;
      this.reopen();
    }
  }

  private reopen(): void {
    this.close();
    if (this.parameters === null) return this.listener.onState("idle");
    if (this.paused) return;
    if (!navigator.onLine) return this.listener.onState("offline");
    this.listener.onState(this.attempt === 0 ? "connecting" : "reconnecting");
    const controller = new AbortController();
    this.controller = controller;
    this.read(controller, this.parameters).then(
      () => this.again(controller),
      (error: unknown) => {
        if (error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 429) {
          if (this.controller === controller) this.interrupt("refused");
        } else {
          this.again(controller);
        }
      },
    );
  }

  private again(controller: AbortController): void {
    if (this.controller !== controller) return; // another one was opened, or none is wanted
    this.close();
    this.listener.onState(navigator.onLine ? "reconnecting" : "offline");
    this.retry = setTimeout(() => this.reopen(), waitBefore(this.attempt, Math.random()));
    this.attempt += 1;
  }

  private async read(controller: AbortController, parameters: StreamParameters): Promise<void> {
    this.expect(controller);
    const headers: Record<string, string> = { Accept: "text/event-stream" };
    if (this.lastId !== "") headers["Last-Event-ID"] = this.lastId;
    const response = await send(pathOf("/v1/stream", parameters), { headers, signal: controller.signal });
    if (!response.ok || response.body === null) throw await errorOf(response);
    this.attempt = 0;
    this.listener.onState("live");
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    const parser = new EventParser();
    for (;;) {
      const { done, value } = await reader.read();
      if (done || controller.signal.aborted) return;
      this.expect(controller);
      for (const event of parser.feed(value)) {
        this.listener.onEvent(event);
        if (this.controller !== controller) return; // the event has led to another stream
        if (event.id !== undefined) this.lastId = event.id; // what was before it was taken whole
      }
    }
  }

  // A connection that died without a word is given up.
  private expect(controller: AbortController): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => {
      this.again(controller);
      controller.abort();
    }, SILENCE_MS_MAX);
  }
}
