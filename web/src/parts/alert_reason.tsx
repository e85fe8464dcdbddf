// What an alert says, what its formula reads, and for how long it has been raised.
import type { Alert } from "../api/types";
import { labelOf, useCatalog, type Catalog } from "../format/catalog";
import { age, formatInstant } from "../format/dates";
import { judge, shortValue } from "../format/kpi";
import { said } from "../texts/language";
import { t } from "../texts/texts";

/** "Open escalations 2": what the formula reads, without what is good and cannot be the reason. */
function inputsOf(catalog: Catalog, alert: Alert): string {
  return (alert.inputs ?? [])
    .map((input) => ({ kpi: catalog.kpi(input.id), value: input.value }))
    .filter(({ kpi, value }) => kpi !== undefined && value !== undefined && kpi.unit !== "flag" && judge(kpi, value) !== "good")
    .map((input) => `${labelOf(input.kpi!)} ${shortValue(input.kpi!, input.value!, catalog.currency)}`)
    .join(", ");
}

export function AlertReason({ alert }: { alert: Alert }) {
  const catalog = useCatalog();
  const inputs = inputsOf(catalog, alert);
  const since = alert.recorded_at;
  return (
    <span>
      {said(catalog.alert(alert.alert)?.label, alert.alert)}
      {inputs !== "" && <span className="muted"> · {inputs}</span>}
      {since && (
        <time className="muted" dateTime={since} data-tip={formatInstant(since)}>
          {" · "}
          {t("attention.since", { age: age(since) })}
        </time>
      )}
    </span>
  );
}
