// Long German words where there is little room: browsers divide words only in languages that they have a dictionary of.

const SHY = "\u00ad"; // seen only where the line breaks

// Second halves of words that catalogues and the page use; the first half has four letters at least.
const HALVES =
  /(?<=[a-zäöüß]{4})(abdeckung|bindung|deckung|eignung|erreichung|eskalationen|forderungen|fortschritt|genauigkeit|geschwindigkeit|gesundheit|headroom|kosten|note|quote|rate|reserve|termine|verzerrung|volumen|wachstum|wert|zeit|zufriedenheit|zyklus)/g;

/** The text with places at which its long words may be divided. */
export function breakable(text: string): string {
  return text.replace(/\p{L}{13,}/gu, (word) => word.replace(HALVES, `${SHY}$1`));
}
