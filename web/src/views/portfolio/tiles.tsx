// The few numbers of a group that say how it does: each with what it was a year ago, its threshold and its past.
import { get } from "../../api/client";
import type { AccountPage, GroupPage, KpiShape, Point, Series } from "../../api/types";
import { useQuery, type Query } from "../../api/use_query";
import { Sparkline } from "../../charts/sparkline";
import { labelOf, useCatalog, type Catalog } from "../../format/catalog";
import { monthsBefore } from "../../format/dates";
import { difference, judge, setValue, shortValue } from "../../format/kpi";
import { shortMoney } from "../../format/money";
import { useInterest } from "../../live/live";
import { rows, useRow } from "../../live/rows";
import { JudgementMark } from "../../parts/judgement";
import { Failure } from "../../parts/notice";
import { Value } from "../../parts/value";
import { breakable } from "../../texts/breakable";
import { t } from "../../texts/texts";

const SHOWN = [
  "revenue_t12m",
  "contribution_margin_2_ratio",
  "net_revenue_retention",
  "plan_attainment",
  "pipeline_weighted",
  "nps",
  "forecast_accuracy",
  "accounts_at_risk",
];
const MONTHS = 24;
const YEAR = 12;
const AT_RISK_MAX = 1_000;

/** Month by month, the last one the present day. */
function usePast(group: string, kpis: readonly string[], asOf: string | undefined): Query<Point[]> {
  const key = asOf === undefined ? null : `${group} ${asOf}`;
  return useQuery(key, async (signal) => {
    const parameters = { kpis, from: monthsBefore(asOf!, MONTHS), to: asOf, step: "month" };
    const path = `/v1/groups/${encodeURIComponent(group)}/series`;
    return (await get<Series>(path, parameters, signal)).points;
  }, 2);
}

interface Trend {
  values: (number | undefined)[];
  yearAgo: number | undefined;
}

function trendOf(points: readonly Point[] | undefined, kpi: string): Trend | undefined {
  if (points === undefined) return undefined;
  const values = points.map((point) => point.kpis[kpi]);
  return { values, yearAgo: values[values.length - 1 - YEAR] };
}

function saidOf(kpi: KpiShape, values: readonly (number | undefined)[], catalog: Catalog): string {
  const known = values.filter((value): value is number => value !== undefined);
  if (known.length < 2) return "";
  const text = (value: number) => shortValue(kpi, value, catalog.currency);
  return t("sparkline.said", {
    n: known.length,
    first: text(known[0]!),
    last: text(known[known.length - 1]!),
    least: text(Math.min(...known)),
    most: text(Math.max(...known)),
  });
}

function AgainstYearAgo({ kpi, value, trend }: { kpi: KpiShape; value: number | undefined; trend: Trend | undefined }) {
  const catalog = useCatalog();
  if (value === undefined || trend?.yearAgo === undefined) return null;
  const by = difference(kpi, value, trend.yearAgo, catalog.currency);
  if (by === undefined) return null;
  const arrow = by.direction > 0 ? "▲" : by.direction < 0 ? "▼" : "▬";
  return (
    <span data-tip={t("tile.year_ago", { value: shortValue(kpi, trend.yearAgo, catalog.currency) })} tabIndex={0}>
      <span aria-hidden="true">{arrow} </span>
      {by.text} {t("tile.per_year")}
    </span>
  );
}

function AgainstThreshold({ kpi, value }: { kpi: KpiShape; value: number | undefined }) {
  const catalog = useCatalog();
  const judgement = judge(kpi, value);
  const good = kpi.thresholds?.good;
  if (judgement === undefined || good === undefined) return null;
  const target = t(kpi.better === "lower" ? "tile.at_most" : "tile.at_least", { value: setValue(kpi, good, catalog.currency) });
  return (
    <span className={`tile-threshold ${judgement}`}>
      <JudgementMark judgement={judgement} said={false} /> {t(`judgement.${judgement}`)}
      <span className="muted"> · {judgement === "good" ? target : `${t("judgement.good")} ${target}`}</span>
    </span>
  );
}

/** What the accounts at risk are worth. */
function RevenueAtRisk({ group }: { group: string }) {
  const catalog = useCatalog();
  const asked = { group, where: "at_risk>0", kpis: "revenue_t12m", limit: AT_RISK_MAX };
  const query = useQuery(`at risk ${group}`, async (signal) => {
    const page = await get<AccountPage>("/v1/accounts", asked, signal);
    const revenue = page.accounts.reduce((sum, row) => sum + (row.kpis["revenue_t12m"] ?? 0), 0);
    return { revenue, more: page.next_cursor !== undefined };
  }, 2);
  if (query.data === undefined || query.data.revenue === 0) return null;
  const text = shortMoney(query.data.revenue, catalog.currency);
  return <span>{t(query.data.more ? "tile.at_risk_more" : "tile.at_risk", { value: text })}</span>;
}

interface TileProperties {
  kpi: KpiShape;
  group: string;
  past: readonly Point[] | undefined;
  pastLoading: boolean;
}

function Tile({ kpi, group, past, pastLoading }: TileProperties) {
  const catalog = useCatalog();
  const row = useRow(group);
  const value = row?.kpis[kpi.id];
  const trend = trendOf(past, kpi.id);
  return (
    <li className="tile">
      <h3 data-tip={kpi.description ? undefined : kpi.formula}>{breakable(labelOf(kpi))}</h3>
      <div className="tile-value">
        <Value kpi={kpi} value={value} of={group} kind="group" missingRates={row?.missing_rates} changes={row?.changes} />
      </div>
      <div className="tile-past" aria-busy={pastLoading}>{trend && <Sparkline values={trend.values} said={saidOf(kpi, trend.values, catalog)} />}</div>
      <p className="tile-against">
        <AgainstYearAgo kpi={kpi} value={value} trend={trend} />
        {kpi.id === "accounts_at_risk" ? <RevenueAtRisk group={group} /> : <AgainstThreshold kpi={kpi} value={value} />}
      </p>
    </li>
  );
}

export function Tiles({ group }: { group: string }) {
  const catalog = useCatalog();
  const shown = SHOWN.map((id) => catalog.groupKpi(id)).filter((kpi): kpi is KpiShape => kpi !== undefined);
  const kpis = shown.map((kpi) => kpi.id);
  useInterest({ groups: [group], kpis });
  const present = useQuery(`tiles ${group}`, async (signal) => {
    const page = await get<GroupPage>("/v1/groups", { id: group, kpis }, signal);
    for (const row of page.groups) rows.apply(row, kpis, false);
    return page.groups[0]?.as_of;
  });
  const past = usePast(group, kpis, present.data);
  if (present.error) return <Failure error={present.error} />;
  return (
    <section aria-labelledby="tiles">
      <h2 id="tiles" className="hidden">{t("tiles.label")}</h2>
      <ul className="tiles" aria-busy={present.loading}>
        {shown.map((kpi) => (
          <Tile key={kpi.id} kpi={kpi} group={group} past={past.data} pastLoading={past.loading} />
        ))}
      </ul>
      {past.error && <p className="muted">{t("tiles.no_past", { reason: past.error.message })}</p>}
    </section>
  );
}
