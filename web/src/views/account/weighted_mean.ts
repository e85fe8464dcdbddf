// A formula that is a weighted mean, taken apart: "wmean(2, a, 1, b)", also within an "if".

export interface WeightedPart {
  weight: number;
  formula: string;
}

/** The end of what begins with the "(" at `open`: the place of its ")". */
function closing(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; ++at) {
    if (text[at] === "(") depth += 1;
    if (text[at] === ")" && --depth === 0) return at;
  }
  return -1;
}

function argumentsOf(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let begin = 0;
  for (let at = 0; at <= text.length; ++at) {
    const character = text[at];
    if (character === "(") depth += 1;
    if (character === ")") depth -= 1;
    if (at === text.length || (character === "," && depth === 0)) {
      parts.push(text.slice(begin, at).trim());
      begin = at + 1;
    }
  }
  return parts;
}

/** The parts of the first weighted mean in a formula with constant weights; empty: there is none. */
export function weightedParts(formula: string): WeightedPart[] {
  const found = /\bwmean\s*\(/.exec(formula);
  if (found === null) return [];
  const open = formula.indexOf("(", found.index);
  const close = closing(formula, open);
  if (close < 0) return [];
  const given = argumentsOf(formula.slice(open + 1, close));
  const parts: WeightedPart[] = [];
  for (let at = 0; at + 1 < given.length; at += 2) {
    const weight = Number(given[at]);
    if (!Number.isFinite(weight)) return [];
    parts.push({ weight, formula: given[at + 1]! });
  }
  return parts;
}

/** The KPIs that a formula names, in its order. */
export function namesIn(formula: string, known: (id: string) => boolean): string[] {
  return [...new Set((formula.match(/[a-z_][a-z0-9_]*/g) ?? []).filter(known))];
}
