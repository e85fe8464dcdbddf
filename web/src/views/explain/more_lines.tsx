// Asks for more lines of each part than were told.
import { change } from "../../routing/router";
import { t } from "../../texts/texts";

const MOST = 10_000; // of the API

export function MoreLines({ lines }: { lines: number }) {
  if (lines >= MOST) return null;
  const more = Math.min(MOST, lines * 5);
  return (
    <button type="button" onClick={() => change({ lines: String(more) }, { replace: true })}>
      {t("why.more_lines", { n: more })}
    </button>
  );
}
