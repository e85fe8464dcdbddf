// What keeps the page up to date: the parser of events, joined wishes, rows that never go back.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Update } from "../../web/src/api/types";
import { streamParameters } from "../../web/src/live/interest";
import { momentOf } from "../../web/src/live/stream";
import { Rows } from "../../web/src/live/rows";
import { EventParser, type ServerEvent } from "../../web/src/live/sse";
import { waitBefore } from "../../web/src/live/stream";

const STREAM = 'event: reset\ndata: {}\nid: 1\n\n: hello\n\nevent: update\r\ndata: {"a":\r\ndata: 1}\r\n\r\nid: 2\n\ndata: x\n\n';
const EVENTS: ServerEvent[] = [
  { type: "reset", data: "{}", id: "1" },
  { type: "update", data: '{"a":\n1}', id: undefined },
  { type: "message", data: "", id: "2" },
  { type: "message", data: "x", id: undefined },
];

test("events are the same in whatever pieces they come", () => {
  for (let size = 1; size <= STREAM.length; ++size) {
    const parser = new EventParser();
    const events: ServerEvent[] = [];
    for (let at = 0; at < STREAM.length; at += size) events.push(...parser.feed(STREAM.slice(at, at + size)));
    assert.deepEqual(events, EVENTS, `pieces of ${size}`);
  }
});

test("what is not whole is no event", () => {
  assert.deepEqual(new EventParser().feed("event: update\ndata: {}\n"), []);
});

test("wishes are joined", () => {
  assert.equal(streamParameters([]), null);
  assert.deepEqual(
    streamParameters([
      { groups: ["g"], kpis: ["b", "a"] },
      { accounts: ["A1"], groups: ["g"], kpis: ["a"] },
    ]),
    { accounts: ["A1"], groups: ["g"], members_of: [], kpis: ["a", "b"], alerts: undefined },
  );
  assert.equal(streamParameters([{ groups: ["g"], kpis: [] }, { membersOf: ["h"], kpis: ["a"], alerts: true }])!.alerts, true);
  // Who wants all KPIs names none.
  assert.deepEqual(streamParameters([{ groups: ["g"], kpis: ["a"] }, { groups: ["h"], kpis: "all" }])!.kpis, []);
});

test("the moment of a stream's id goes on with another question", () => {
  assert.equal(momentOf("c136.0badcafe:12,3;4,5;6,7"), "c136:12,3;4,5;6,7");
  assert.equal(momentOf("c136.0badcafe:12;4;6:10;4;6"), "c136:12;4;6:10;4;6");
  assert.equal(momentOf("c136:12,3;4,5;6,7"), "c136:12,3;4,5;6,7");
  assert.equal(momentOf(""), "");
});

const update = (offset: number, kpis: Record<string, number>): Update => ({
  account_id: "A1", as_of: "2026-11-27", catalog_hash: "h", source_partition: 0, source_offset: String(offset), kpis,
});

test("an older value does not follow a newer one", () => {
  const rows = new Rows();
  rows.apply(update(9, { a: 2 }), ["a"], true);
  rows.apply(update(10, { a: 3 }), ["a"], true);
  rows.apply(update(9, { a: 2, b: 1 }), ["a", "b"], false); // a list that was asked for before
  assert.deepEqual(rows.get("A1")!.kpis, { a: 3, b: 1 });
});

test("what was asked for and is not told is undefined now", () => {
  const rows = new Rows();
  rows.apply(update(1, { a: 1, b: 1 }), "all", false);
  rows.apply(update(2, { b: 2 }), ["a", "b"], true);
  assert.deepEqual(rows.get("A1")!.kpis, { b: 2 });
  rows.apply(update(3, {}), ["a"], true); // nobody asked for b
  assert.deepEqual(rows.get("A1")!.kpis, { b: 2 });
});

test("only what was told live counts as a change", () => {
  const rows = new Rows();
  const seen: string[] = [];
  rows.watch((ids) => seen.push(...ids));
  rows.apply(update(1, { a: 1 }), ["a"], false);
  assert.equal(rows.get("A1")!.changes, 0);
  rows.apply(update(2, { a: 2 }), ["a"], true);
  assert.equal(rows.get("A1")!.changes, 1);
  rows.remove("A1");
  assert.equal(rows.get("A1"), undefined);
  assert.deepEqual(seen, ["A1", "A1", "A1"]);
});

test("what no list has read and nobody looks at is forgotten", () => {
  const timers: (() => void)[] = [];
  const known = globalThis.setTimeout;
  globalThis.setTimeout = ((callback: () => void) => timers.push(callback)) as unknown as typeof known;
  try {
    const rows = new Rows();
    const of = (id: string, offset: number) => ({ ...update(offset, { a: offset }), account_id: id });
    rows.apply(of("read", 1), ["a"], false);
    for (const id of ["read", "watched", "late", "unread"]) rows.apply(of(id, 2), ["a"], true);
    assert.deepEqual(["read", "unread"].map((id) => rows.isUnread(id)), [false, true]);
    const stop = rows.subscribe("watched", () => undefined);
    timers.shift()!();
    assert.equal(rows.size, 4); // a list may be under way
    rows.apply(of("late", 1), ["a"], false);
    assert.equal(rows.get("late")!.kpis["a"], 2);
    timers.shift()!();
    assert.equal(rows.size, 3);
    assert.equal(rows.get("unread"), undefined);
    stop();
    timers.shift()!();
    assert.deepEqual([rows.size, timers.length], [2, 0]); // nothing is left to wait for
    rows.apply(of("looked at", 3), ["a"], false, false);
    rows.apply(of("read", 3), ["a"], false, false); // a list has it
    assert.deepEqual([rows.size, rows.isUnread("looked at")], [3, false]);
    timers.shift()!();
    timers.shift()!();
    assert.deepEqual([rows.size, rows.get("looked at")], [2, undefined]);
    for (let offset = 10; offset < 10_000; ++offset) rows.apply(of(`B${offset}`, offset), ["a"], true);
    timers.shift()!();
    timers.shift()!();
    assert.equal(rows.size, 2);
  } finally {
    globalThis.setTimeout = known;
  }
});

test("waits grow, have an end, and differ", () => {
  assert.equal(waitBefore(0, 0), 250);
  assert.equal(waitBefore(3, 1), 4_000);
  assert.equal(waitBefore(30, 1), 15_000);
  assert.ok(waitBefore(30, 0) < waitBefore(30, 1));
});
