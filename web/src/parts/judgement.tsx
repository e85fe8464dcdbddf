// Good, to be watched, bad: a colour never without a shape and a word.
import type { Severity } from "../api/types";
import type { Judgement } from "../format/kpi";
import { t } from "../texts/texts";

const SHAPES: Record<Judgement, string> = {
  good: "M2 6.5 5 9.5 10.5 3", // a tick
  warn: "M6 1.5 10.5 6 6 10.5 1.5 6Z", // a diamond
  bad: "M6 1.5 11 10.5H1Z", // a triangle
};

export function JudgementMark({ judgement, said = true }: { judgement: Judgement; said?: boolean }) {
  return (
    <span className={`mark ${judgement}`}>
      <svg viewBox="0 0 12 12" width="10" height="10" aria-hidden="true">
        <path d={SHAPES[judgement]} className={judgement === "good" ? "mark-line" : "mark-area"} />
      </svg>
      {said && <span className="hidden">{t(`judgement.${judgement}`)}</span>}
    </span>
  );
}

const OF_SEVERITY: Record<Severity, Judgement | "low"> = { CRITICAL: "bad", HIGH: "bad", MEDIUM: "warn", LOW: "low" };

export function SeverityMark({ severity }: { severity: Severity }) {
  const judgement = OF_SEVERITY[severity];
  const word = t(`severity.${severity}`);
  return (
    <span className={`severity ${judgement}`}>
      <span className={severity === "CRITICAL" ? "severity-full" : undefined}>
        {judgement !== "low" && <JudgementMark judgement={judgement} said={false} />}
        {word}
      </span>
    </span>
  );
}
