// Which rows of a long table are drawn: those in sight and some beyond, a few more with each picture, so that a far jump
// costs no long picture. Until they are drawn, their room is there.

/** Rows from `first` to before `last`. */
export interface Range {
  first: number;
  last: number;
}

export const DRAWN_AT_ONCE = 8;

const within = (value: number, least: number, most: number) => Math.min(Math.max(value, least), most);

/** The next range on the way from `drawn` to `wanted`: what is in `sight` comes first, what is not wanted goes. */
export function nextDrawn(drawn: Range, sight: Range, wanted: Range, atOnce = DRAWN_AT_ONCE): Range {
  let { first, last } = { first: Math.max(drawn.first, wanted.first), last: Math.min(drawn.last, wanted.last) };
  if (first >= last || last < sight.first || first > sight.last) {
    first = last = within(sight.first, wanted.first, wanted.last);
  }
  let left = atOnce;
  const down = (to: number) => {
    const rows = within(to - last, 0, left);
    last += rows;
    left -= rows;
  };
  const up = (to: number) => {
    const rows = within(first - to, 0, left);
    first -= rows;
    left -= rows;
  };
  down(Math.min(sight.last, wanted.last));
  up(Math.max(sight.first, wanted.first));
  down(wanted.last);
  up(wanted.first);
  return { first, last };
}

export const isSame = (a: Range, b: Range): boolean => a.first === b.first && a.last === b.last;
