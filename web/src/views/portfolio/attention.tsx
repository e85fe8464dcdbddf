// Where one must act today: accounts with alerts, the gravest and the largest first.
import { get } from "../../api/client";
import type { AccountPage, Alert, AlertPage, Severity } from "../../api/types";
import { useQuery } from "../../api/use_query";
import { labelOf, useCatalog } from "../../format/catalog";
import { shortMoney } from "../../format/money";
import { useAlertsRound } from "../../live/alerts_round";
import { idOf } from "../../live/rows";
import { AlertReason } from "../../parts/alert_reason";
import { SeverityMark } from "../../parts/judgement";
import { Empty, Failure, Loading } from "../../parts/notice";
import { addressOfAccount } from "../../routing/addresses";
import { Link } from "../../routing/link";
import { t } from "../../texts/texts";

const SHOWN_MAX = 7;
const READ_MAX = 200; // of each severity
const GRAVITY: readonly Severity[] = ["CRITICAL", "HIGH", "MEDIUM", "LOW"];

interface Concern {
  account: string;
  name: string;
  alerts: Alert[]; // the gravest first
  revenue: number | undefined;
}

function byAccount(alerts: readonly Alert[]): Concern[] {
  const concerns = new Map<string, Concern>();
  for (const alert of alerts) {
    const account = alert.account_id;
    if (!account) continue;
    const concern = concerns.get(account) ?? { account, name: alert.attributes?.name || account, alerts: [], revenue: undefined };
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
    const page = await get<AccountPage>("/v1/accounts", { id: ids, kpis: "revenue_t12m", limit: READ_MAX }, signal);
    const revenues = new Map(page.accounts.map((row) => [idOf(row), row.kpis["revenue_t12m"]]));
    for (const concern of concerns) concern.revenue = revenues.get(concern.account);
  }
  const gravity = (concern: Concern) => GRAVITY.indexOf(concern.alerts[0]!.severity);
  concerns.sort((a, b) => gravity(a) - gravity(b) || (b.revenue ?? 0) - (a.revenue ?? 0));
  return { concerns, more: pages.some((page) => page.next_cursor !== undefined) };
}

function Line({ concern }: { concern: Concern }) {
  const catalog = useCatalog();
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
      {concern.revenue !== undefined && (
        <span className="concern-revenue numeric" data-tip={labelOf(catalog.kpi("revenue_t12m") ?? { id: "revenue_t12m" })}>
          {shortMoney(concern.revenue, catalog.currency)}
        </span>
      )}
    </li>
  );
}

export function Attention({ group }: { group: string }) {
  const round = useAlertsRound();
  const query = useQuery(`attention ${group} ${round}`, (signal) => readConcerns(group, signal));
  const { data, error } = query;
  const count = data === undefined ? "" : ` (${data.concerns.length}${data.more ? "+" : ""})`;
  return (
    <section className="panel" aria-labelledby="attention">
      <h2 id="attention">{t("attention.title")}{count}</h2>
      {error && <Failure error={error} />}
      {!data && !error && <Loading />}
      {data?.concerns.length === 0 && <Empty>{t("attention.none")}</Empty>}
      <ul className="concerns">
        {data?.concerns.slice(0, SHOWN_MAX).map((concern) => <Line key={concern.account} concern={concern} />)}
      </ul>
      {data && data.concerns.length > SHOWN_MAX && (
        <p><Link href={`/alerts?group=${encodeURIComponent(group)}`}>{t("attention.all")}</Link></p>
      )}
    </section>
  );
}
