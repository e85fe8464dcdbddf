// Where one must act today: accounts with alerts, the gravest and the largest first.
import { get } from "../../api/client";
import type { AccountPage, Alert, AlertPage, Severity } from "../../api/types";
import { useQuery } from "../../api/use_query";
import { labelOf, useCatalog } from "../../format/catalog";
import { shortMoney } from "../../format/money";
import { useAlertsRound } from "../../live/alerts_round";
import { rows, useRow } from "../../live/rows";
import { AlertReason } from "../../parts/alert_reason";
import { useAlertValues } from "../../parts/alert_values";
import { SeverityMark } from "../../parts/judgement";
import { Empty, Failure, Loading } from "../../parts/notice";
import { addressOfAccount } from "../../routing/addresses";
import { Link } from "../../routing/link";
import { t } from "../../texts/texts";

const SHOWN_MAX = 7;
const READ_MAX = 200; // of each severity
const GRAVITY: readonly Severity[] = ["CRITICAL", "HIGH", "MEDIUM", "LOW"];

const SIZE = "revenue_t12m"; // by which concerns of one gravity are sorted

interface Concern {
  account: string;
  name: string;
  alerts: Alert[]; // the gravest first
}

function byAccount(alerts: readonly Alert[]): Concern[] {
  const concerns = new Map<string, Concern>();
  for (const alert of alerts) {
    const account = alert.account_id;
    if (!account) continue;
    const concern = concerns.get(account) ?? { account, name: alert.attributes?.name || account, alerts: [] };
    concern.alerts.push(alert);
    concerns.set(account, concern);
  }
  return [...concerns.values()];
}

async function readConcerns(group: string, signal: AbortSignal): Promise<{ concerns: Concern[]; more: boolean }> {
  const pages = await Promise.all(
    GRAVITY.slice(0, 3).map((severity) =>
      get<AlertPage>("/v1/alerts", { group, severity, limit: READ_MAX }, signal),
    ),
  );
  const concerns = byAccount(pages.flatMap((page) => page.alerts));
  if (concerns.length > 0) {
    // As many as the gateway takes in one address.
    const ids = concerns.slice(0, READ_MAX).map((concern) => concern.account);
    const page = await get<AccountPage>("/v1/accounts", { id: ids, kpis: SIZE, limit: READ_MAX }, signal);
    for (const row of page.accounts) rows.apply(row, [SIZE], false, false);
  }
  const gravity = (concern: Concern) => GRAVITY.indexOf(concern.alerts[0]!.severity);
  const size = (concern: Concern) => rows.get(concern.account)?.kpis[SIZE] ?? 0;
  concerns.sort((a, b) => gravity(a) - gravity(b) || size(b) - size(a));
  return { concerns, more: pages.some((page) => page.next_cursor !== undefined) };
}

function Line({ concern }: { concern: Concern }) {
  const catalog = useCatalog();
  const revenue = useRow(concern.account)?.kpis[SIZE];
  const [gravest, ...others] = concern.alerts;
  return (
    <li className="concern">
      <SeverityMark severity={gravest!.severity} />
      <span className="concern-text">
        <Link href={addressOfAccount(concern.account)}>{concern.name}</Link> <AlertReason alert={gravest!} />
        {others.length > 0 && (
          <span className="muted"> · {t("attention.others", { n: others.length })}</span>
        )}
      </span>
      {revenue !== undefined && (
        <span className="concern-amount numeric" data-tip={labelOf(catalog.kpi(SIZE) ?? { id: SIZE })}>
          {shortMoney(revenue, catalog.currency)}
        </span>
      )}
    </li>
  );
}

export function Attention({ group }: { group: string }) {
  const round = useAlertsRound({ membersOf: [group] });
  const query = useQuery(`attention ${group} ${round}`, (signal) => readConcerns(group, signal), 1);
  const { data, error } = query;
  const shown = data?.concerns.slice(0, SHOWN_MAX) ?? [];
  useAlertValues(shown.map((concern) => concern.alerts[0]!), [SIZE]);
  const count = data === undefined ? "" : ` (${data.concerns.length}${data.more ? "+" : ""})`;
  return (
    <section className="panel" aria-labelledby="attention">
      <h2 id="attention">{t("attention.title")}{count}</h2>
      {error && <Failure error={error} />}
      {!data && !error && <Loading />}
      {data?.concerns.length === 0 && <Empty>{t("attention.none")}</Empty>}
      <ul className="concerns">
        {shown.map((concern) => <Line key={concern.account} concern={concern} />)}
      </ul>
      {data && data.concerns.length > SHOWN_MAX && (
        <p><Link href={`/alerts?group=${encodeURIComponent(group)}`}>{t("attention.all")}</Link></p>
      )}
    </section>
  );
}
