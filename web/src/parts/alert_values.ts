// The values behind alerts, as they are now.
import { get } from "../api/client";
import type { AccountPage, Alert } from "../api/types";
import { useQuery } from "../api/use_query";
import { useCatalog } from "../format/catalog";
import { useInterest } from "../live/live";
import { rows } from "../live/rows";

// What says more than the KPI that the alert's formula counts by: how much, how bad, for how long.
const TELLING: Record<string, readonly string[]> = {
  severe_escalation_open: ["escalations_severe_open", "escalation_age_days"],
  contract_due: ["contract_value_due_90d"],
  nps_detractors: ["nps"],
};

/** The KPIs that are said with an alert. */
export function kpisBehind(alert: Alert): readonly string[] {
  return TELLING[alert.alert] ?? (alert.inputs ?? []).map((input) => input.id);
}

const ACCOUNTS_MAX = 200; // as many as the gateway takes in one address

/** Reads what is said with these alerts, and keeps it up to date; `more`: other KPIs that are wanted of their accounts. */
export function useAlertValues(alerts: readonly Alert[], more: readonly string[] = []): void {
  const catalog = useCatalog();
  const accounts = [...new Set(alerts.flatMap((alert) => alert.account_id || []))].slice(0, ACCOUNTS_MAX);
  const kpis = [...new Set([...more, ...alerts.flatMap(kpisBehind)])].filter((id) => catalog.kpi(id) !== undefined);
  const none = accounts.length === 0 || kpis.length === 0;
  useInterest(none ? null : { accounts, kpis });
  useQuery(none ? null : `behind ${accounts.join()} ${kpis.join()}`, async (signal) => {
    const page = await get<AccountPage>("/v1/accounts", { id: accounts, kpis, limit: ACCOUNTS_MAX }, signal);
    for (const row of page.accounts) rows.apply(row, kpis, false);
  }, 1);
}
