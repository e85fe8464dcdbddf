// Which rows of a long table are drawn, picture by picture.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isSame, nextDrawn, type Range } from "../../web/src/parts/drawn_rows";

const range = (first: number, last: number): Range => ({ first, last });

function pictures(drawn: Range, sight: Range, wanted: Range, atOnce: number): Range[] {
  const all: Range[] = [];
  while (!isSame(drawn, wanted)) {
    drawn = nextDrawn(drawn, sight, wanted, atOnce);
    all.push(drawn);
    assert.ok(all.length < 100, "it comes to an end");
  }
  return all;
}

test("a far jump draws a few rows with each picture, those in sight first", () => {
  const drawn = pictures(range(0, 30), range(500, 520), range(490, 530), 8);
  assert.deepEqual(drawn[0], range(500, 508));
  assert.deepEqual(drawn[2], range(500, 524)); // what is in sight, then below
  assert.deepEqual(drawn.at(-1), range(490, 530));
  let before = 0;
  for (const one of drawn) {
    const rows = one.last - one.first;
    assert.ok(rows - before <= 8);
    before = rows;
  }
});

test("a short scroll draws those that come, and drops those that went", () => {
  assert.deepEqual(nextDrawn(range(490, 530), range(504, 524), range(494, 534), 8), range(494, 534));
  assert.deepEqual(nextDrawn(range(490, 530), range(496, 516), range(486, 526), 8), range(486, 526));
});

test("upwards what comes in sight is first, too", () => {
  assert.deepEqual(nextDrawn(range(490, 530), range(480, 500), range(470, 510), 8), range(482, 510));
});

test("of rows that are not read yet none is drawn", () => {
  assert.deepEqual(nextDrawn(range(0, 40), range(5_000, 5_020), range(60, 60)), range(60, 60));
  assert.deepEqual(pictures(range(60, 60), range(5_000, 5_020), range(4_988, 5_010), 8).at(-1), range(4_988, 5_010));
  assert.deepEqual(nextDrawn(range(0, 0), range(0, 20), range(0, 0)), range(0, 0));
});
