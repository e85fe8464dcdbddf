// All alerts that are raised, or were lately: by how grave they are, by what they say, for a group.
import { useEffect, useState } from "react";
import { ApiError, get } from "../../api/client";
import type { Alert, AlertPage } from "../../api/types";
import { useQuery } from "../../api/use_query";
import { useCatalog } from "../../format/catalog";
import { age, formatInstant } from "../../format/dates";
import { groupName } from "../../format/groups";
import { useAlertsRound } from "../../live/alerts_round";
import { AlertReason } from "../../parts/alert_reason";
import { useAlertValues } from "../../parts/alert_values";
import { SeverityMark } from "../../parts/judgement";
import { Empty, Failure, Loading } from "../../parts/notice";
import { addressOfAccount, addressOfGroup } from "../../routing/addresses";
import { Link } from "../../routing/link";
import { change, usePlace } from "../../routing/router";
import { said } from "../../texts/language";
import { t } from "../../texts/texts";
import { Webhooks } from "./webhooks";

const PAGE = 100;
const SEVERITIES = ["CRITICAL", "HIGH", "MEDIUM", "LOW"] as const;

function Filters({ query }: { query: URLSearchParams }) {
  const catalog = useCatalog();
  const group = query.get("group");
  return (
    <div className="bar">
      <label>
        {t("alerts.severity")}{" "}
        <select value={query.get("severity") ?? ""} onChange={(event) => change({ severity: event.target.value })}>
          <option value="">{t("filter.any")}</option>
          {SEVERITIES.map((severity) => <option key={severity} value={severity}>{t(`severity.${severity}`)}</option>)}
        </select>
      </label>
      <label>
        {t("alerts.alert")}{" "}
        <select value={query.get("alert") ?? ""} onChange={(event) => change({ alert: event.target.value })}>
          <option value="">{t("filter.any")}</option>
          {catalog.document.alerts.map((alert) => <option key={alert.id} value={alert.id}>{said(alert.label, alert.id)}</option>)}
        </select>
      </label>
      <label className="check">
        <input type="checkbox" checked={query.get("state") === "all"} onChange={(event) => change({ state: event.target.checked ? "all" : null })} />
        {t("alerts.cleared_too")}
      </label>
      {group && (
        <button type="button" onClick={() => change({ group: null })} aria-label={t("filter.remove", { filter: groupName(catalog, group) })}>
          {groupName(catalog, group)} ✕
        </button>
      )}
    </div>
  );
}

function Subject({ alert }: { alert: Alert }) {
  const catalog = useCatalog();
  if (alert.account_id) return <Link href={addressOfAccount(alert.account_id)}>{alert.attributes?.name || alert.account_id}</Link>;
  return <Link href={addressOfGroup(alert.group_id ?? "")}>{groupName(catalog, alert.group_id ?? "")}</Link>;
}

function AlertTable({ alerts }: { alerts: readonly Alert[] }) {
  useAlertValues(alerts.filter((alert) => alert.raised));
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={t("alerts.title")}>
      <table className="lines stacked">
        <thead>
          <tr>
            <th scope="col">{t("alerts.severity")}</th>
            <th scope="col">{t("account.id")}</th>
            <th scope="col">{t("alerts.alert")}</th>
            <th scope="col">{t("alerts.when")}</th>
          </tr>
        </thead>
        <tbody>
          {alerts.map((alert) => (
            <tr key={`${alert.account_id}/${alert.group_id}/${alert.alert}`}>
              <td><SeverityMark severity={alert.severity} /></td>
              <td className="whole then"><Subject alert={alert} /></td>
              <td className="whole then">
                {alert.raised ? <AlertReason alert={alert} withAge={false} /> : (
                  <><s><AlertReason alert={alert} withAge={false} /></s> {t("alerts.cleared")}</>
                )}
              </td>
              <td className="day end">
                {alert.recorded_at && formatInstant(alert.recorded_at)}
                {alert.recorded_at && <span className="muted"> · {t("attention.since", { age: age(alert.recorded_at) })}</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The pages after the first one, for as long as the question is the same. */
function useMore(key: string, parameters: Record<string, string | null>, first: AlertPage | undefined) {
  const [more, setMore] = useState<{ key: string; alerts: Alert[]; cursor: string | undefined }>();
  const [error, setError] = useState<ApiError>();
  const present = more?.key === key ? more : undefined;
  const cursor = present ? present.cursor : first?.next_cursor;
  const read = () => {
    get<AlertPage>("/v1/alerts", { ...parameters, limit: PAGE, cursor }).then(
      (page) => setMore({ key, alerts: [...(present?.alerts ?? []), ...page.alerts], cursor: page.next_cursor }),
      (reason: unknown) => setError(reason instanceof ApiError ? reason : new ApiError(0, String(reason))),
    );
  };
  return { alerts: present?.alerts ?? [], cursor, read, error };
}

export function Alerts() {
  const { query } = usePlace();
  const group = query.get("group");
  const round = useAlertsRound(group ? { membersOf: [group] } : { accounts: ["*"], groups: ["*"] });
  const parameters = { severity: query.get("severity"), alert: query.get("alert"), state: query.get("state"), group };
  const key = `${JSON.stringify(parameters)} ${round}`;
  const first = useQuery(`alerts ${key}`, (signal) => get<AlertPage>("/v1/alerts", { ...parameters, limit: PAGE }, signal));
  const more = useMore(key, parameters, first.data);
  useEffect(() => {
    document.title = `${t("alerts.title")} · Keyfold`;
  }, []);
  const alerts = [...(first.data?.alerts ?? []), ...more.alerts];
  const error = first.error ?? more.error;
  return (
    <div className="stack">
      <h1>{t("alerts.title")}</h1>
      <Filters query={query} />
      {error && <Failure error={error} />}
      {!first.data && !first.error && <Loading />}
      {first.data && alerts.length === 0 && <Empty>{t("attention.none")}</Empty>}
      {alerts.length > 0 && <AlertTable alerts={alerts} />}
      {more.cursor !== undefined && <button type="button" onClick={more.read}>{t("more")}</button>}
      <Webhooks />
    </div>
  );
}
