// Which questions come first.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Turns, type Rank } from "../../web/src/api/turns";

/** Asks; what was asked so far is in `asked`, and `answer(name)` answers. */
function setUp() {
  const turns = new Turns();
  const asked: string[] = [];
  const answers = new Map<string, () => void>();
  const ask = (name: string, rank: Rank) => turns.take(rank, () => {
    asked.push(name);
    return new Promise<void>((resolve) => answers.set(name, resolve));
  });
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return { turns, asked, ask, answer: async (name: string) => (answers.get(name)!(), settled()), settled };
}

test("what one sees first is asked first, whoever asked before", async () => {
  const { asked, ask, answer, settled } = setUp();
  void ask("past", 2);
  void ask("alerts", 1);
  void ask("tiles", 0);
  void ask("rows", 0);
  await settled();
  assert.deepEqual(asked, ["tiles", "rows"]);
  await answer("tiles");
  assert.deepEqual(asked, ["tiles", "rows"]);
  await answer("rows");
  assert.deepEqual(asked, ["tiles", "rows", "alerts"]);
  await answer("alerts");
  assert.deepEqual(asked, ["tiles", "rows", "alerts", "past"]);
  await answer("past");
  void ask("more", 2); // nothing is under way
  await settled();
  assert.deepEqual(asked.at(-1), "more");
});

test("what fails holds up nothing", async () => {
  const { turns, asked, ask, settled } = setUp();
  await assert.rejects(turns.take(0, () => Promise.reject(new Error("no answer"))));
  void ask("alerts", 1);
  await settled();
  assert.deepEqual(asked, ["alerts"]);
});

test("what is not answered holds up the rest for a while only", async () => {
  const timers: (() => void)[] = [];
  const known = globalThis.setTimeout;
  globalThis.setTimeout = ((callback: () => void) => timers.push(callback)) as unknown as typeof known;
  try {
    const { asked, ask, settled } = setUp();
    void ask("rows", 0);
    void ask("alerts", 1);
    await settled();
    assert.deepEqual([asked, timers.length], [["rows"], 1]);
    timers[0]!();
    await settled();
    assert.deepEqual(asked, ["rows", "alerts"]);
  } finally {
    globalThis.setTimeout = known;
  }
});
