// A number of an account or a group: short, exact on hover, focus and copy, judged, and one step to why.
import { useEffect, useRef } from "react";
import type { KpiShape } from "../api/types";
import { useCatalog, labelOf } from "../format/catalog";
import { exactValue, judge, shortValue, whyUndefined } from "../format/kpi";
import { Link } from "../routing/link";
import { addressOfWhy } from "../routing/addresses";
import { t } from "../texts/texts";
import { JudgementMark } from "./judgement";

interface Properties {
  kpi: KpiShape;
  value: number | undefined;
  of: string;
  kind: "account" | "group";
  missingRates?: readonly string[] | undefined;
  changes?: number | undefined; // rises with each change that was told live
  tabIndex?: number | undefined;
}

/** Marks an element for a moment when `value` has changed since it was last shown, and `changes` with it. */
function useFlash(value: number | undefined, changes: number | undefined) {
  const element = useRef<HTMLAnchorElement>(null);
  const shown = useRef({ value, changes });
  useEffect(() => {
    const before = shown.current;
    shown.current = { value, changes };
    if (before.value === value || before.changes === changes || changes === undefined) return;
    const marked = element.current;
    if (marked === null) return;
    marked.classList.remove("flash");
    void marked.offsetWidth; // so that the animation begins anew
    marked.classList.add("flash");
  }, [value, changes]);
  return element;
}

export function Value({ kpi, value, of, kind, missingRates, changes, tabIndex }: Properties) {
  const catalog = useCatalog();
  const element = useFlash(value, changes);
  const incomplete = missingRates?.length && kpi.unit.startsWith("money") ? missingRates.join(", ") : undefined;
  const exact = value === undefined ? whyUndefined(kpi) : exactValue(kpi, value, catalog.currency);
  const tip = incomplete ? `${exact} · ${t("value.missing_rates", { currencies: incomplete })}` : exact;
  const judgement = judge(kpi, value);
  return (
    <Link
      ref={element}
      className={`value ${judgement ?? ""}`}
      href={addressOfWhy(kind, of, kpi.id)}
      data-tip={tip}
      data-exact={value === undefined ? undefined : exact}
      aria-label={`${labelOf(kpi)}: ${tip}${judgement ? `, ${t(`judgement.${judgement}`)}` : ""}. ${t("why.ask")}`}
      tabIndex={tabIndex}
    >
      {judgement && judgement !== "good" && <JudgementMark judgement={judgement} said={false} />}
      {value === undefined ? <span className="undefined">–</span> : shortValue(kpi, value, catalog.currency)}
      {incomplete && <span className="incomplete">*</span>}
    </Link>
  );
}
