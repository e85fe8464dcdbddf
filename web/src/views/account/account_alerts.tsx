// The alerts that are raised for an account, the gravest first.
import { get } from "../../api/client";
import type { AlertPage, Severity } from "../../api/types";
import { useQuery } from "../../api/use_query";
import { useAlertsRound } from "../../live/alerts_round";
import { AlertReason } from "../../parts/alert_reason";
import { SeverityMark } from "../../parts/judgement";
import { t } from "../../texts/texts";

const GRAVITY: readonly Severity[] = ["CRITICAL", "HIGH", "MEDIUM", "LOW"];

export function AccountAlerts({ id }: { id: string }) {
  const round = useAlertsRound({ accounts: [id] });
  const query = useQuery(`alerts of ${id} ${round}`, (signal) => get<AlertPage>("/v1/alerts", { id, limit: 100 }, signal));
  const alerts = [...(query.data?.alerts ?? [])].sort((a, b) => GRAVITY.indexOf(a.severity) - GRAVITY.indexOf(b.severity));
  if (alerts.length === 0) return null;
  return (
    <section className="panel" aria-labelledby="account-alerts">
      <h2 id="account-alerts">{t("attention.title")}</h2>
      <ul className="concerns">
        {alerts.map((alert) => (
          <li key={alert.alert} className="concern">
            <SeverityMark severity={alert.severity} />
            <span className="concern-text"><AlertReason alert={alert} /></span>
          </li>
        ))}
      </ul>
    </section>
  );
}
