// From values to places on a drawing.

export interface Range {
  least: number;
  most: number;
}

/** What the values span; with zero in it where `withZero`. undefined: there are none. */
export function rangeOf(values: readonly (number | undefined)[], withZero: boolean): Range | undefined {
  const known = values.filter((value): value is number => value !== undefined);
  if (known.length === 0) return undefined;
  let least = Math.min(...known, ...(withZero ? [0] : []));
  let most = Math.max(...known, ...(withZero ? [0] : []));
  if (least === most) {
    // A line that does not move lies in the middle.
    const margin = Math.abs(least) * 0.1 || 1;
    least -= margin;
    most += margin;
  }
  return { least, most };
}

const STEPS = [1, 2, 2.5, 5, 10];

/** Round numbers that span the range, about `count` of them. */
export function ticksOf({ least, most }: Range, count: number): number[] {
  const rough = (most - least) / Math.max(1, count - 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = (STEPS.find((one) => one * power >= rough) ?? 10) * power;
  const first = Math.floor(least / step);
  const last = Math.ceil(most / step - 1e-9);
  // Multiplied, not added up: 0.1 + 0.2 is no round number.
  return Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}

export function place(value: number, range: Range, from: number, to: number): number {
  return from + ((value - range.least) / (range.most - range.least)) * (to - from);
}
