// What an alert says, the values behind it as they are now, and for how long it has been raised.
import type { Alert } from "../api/types";
import { labelOf, useCatalog, type Catalog } from "../format/catalog";
import { age, formatInstant } from "../format/dates";
import { judge, shortValue } from "../format/kpi";
import { useRow, type Row } from "../live/rows";
import { said } from "../texts/language";
import { t } from "../texts/texts";
import { kpisBehind } from "./alert_values";

const NEW_MS = 86_400_000;
const DOT = "\u00a0· "; // at the end of a line rather than at the beginning of the next

/** "Open escalations 2": as it is now, or was when the alert was cleared; what is good is none of the reasons, if there are others. */
function valuesText(catalog: Catalog, alert: Alert, row: Row | undefined): string {
  const inputs = new Map((alert.inputs ?? []).map((input) => [input.id, input.value]));
  const now = alert.raised && row !== undefined;
  const known = kpisBehind(alert)
    .map((id) => ({ kpi: catalog.kpi(id), value: now ? row.kpis[id] : inputs.get(id) }))
    .filter(({ kpi, value }) => kpi !== undefined && value !== undefined && kpi.unit !== "flag");
  const reasons = known.filter(({ kpi, value }) => judge(kpi!, value) !== "good");
  return (reasons.length > 0 ? reasons : known)
    .map(({ kpi, value }) => `${labelOf(kpi!)} ${shortValue(kpi!, value!, catalog.currency)}`)
    .join(", ");
}

export function AlertReason({ alert, withAge = true }: { alert: Alert; withAge?: boolean }) {
  const catalog = useCatalog();
  const values = valuesText(catalog, alert, useRow(alert.account_id ?? ""));
  const since = withAge ? alert.recorded_at : undefined;
  return (
    <span>
      {said(catalog.alert(alert.alert)?.label, alert.alert)}
      {values !== "" && <span className="muted">{DOT}{values}</span>}
      {since && (
        <time className="muted" dateTime={since} data-tip={formatInstant(since)}>
          {DOT}
          {t("attention.since", { age: age(since) })}
        </time>
      )}
      {since && Date.now() - Date.parse(since) < NEW_MS && <> <span className="badge new">{t("attention.new")}</span></>}
    </span>
  );
}
