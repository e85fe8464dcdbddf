// The plan against what has come: revenue of twelve months and the line to the goal, the margin and its floor.
import { get } from "../../api/client";
import type { Kpis } from "../../api/types";
import { useQuery } from "../../api/use_query";
import { Chart } from "../../charts/chart";
import { useCatalog } from "../../format/catalog";
import { monthsBefore } from "../../format/dates";
import { shortMoney } from "../../format/money";
import { formatNumber } from "../../format/number";
import type { Row } from "../../live/rows";
import { Value } from "../../parts/value";
import { t } from "../../texts/texts";

const MONTHS = 24;
const SHOWN = ["plan_attainment", "plan_progress", "plan_margin_headroom"];

interface FormulaValues {
  values: { points: { as_of: string; kpis: Kpis }[] }[];
}

interface Line {
  dates: string[];
  values: (number | undefined)[];
}

async function lineOf(formula: string, unit: string, id: string, asOf: string, signal: AbortSignal): Promise<Line> {
  const parameters = { formula, unit, id, from: monthsBefore(asOf, MONTHS), to: asOf, step: "month" };
  const points = (await get<FormulaValues>("/v1/formula", parameters, signal)).values[0]?.points ?? [];
  return { dates: points.map((point) => point.as_of), values: points.map((point) => Object.values(point.kpis)[0]) };
}

const percent = (value: number): string => `${formatNumber(value * 100, 1, 0)} %`;

export function Plan({ row, asOf }: { row: Row; asOf: string }) {
  const catalog = useCatalog();
  const shown = SHOWN.map((id) => catalog.kpi(id)).filter((kpi) => kpi !== undefined);
  const planned = row.kpis["plan_attainment"] !== undefined;
  const query = useQuery(planned ? `plan ${row.id} ${asOf}` : null, (signal) => {
    const ask = (formula: string, unit: string) => lineOf(formula, unit, row.id, asOf, signal);
    const ifPlanned = (formula: string) => `if(plans > 0, ${formula}, undefined)`;
    return Promise.all([
      ask("revenue_t12m", "money"),
      ask(ifPlanned("plan_target"), "money"),
      ask(ifPlanned("plan_goal"), "money"),
      ask("contribution_margin_ratio", "number"),
      ask(ifPlanned("sum(plan_min_margin, total) / 1000000"), "number"),
    ]);
  });
  if (shown.length === 0) return null;
  const [actual, target, goal, margin, floor] = query.data ?? [];
  const money = (value: number) => shortMoney(value, catalog.currency);
  return (
    <section className="panel" aria-labelledby="plan">
      <h2 id="plan">{t("plan.title")}</h2>
      {!planned && <p className="empty">{t("plan.none")}</p>}
      {planned && (
        <ul className="figures">
          {shown.map((kpi) => (
            <li key={kpi!.id}>
              <span className="muted">{t(`plan.${kpi!.id as "plan_attainment"}`)}</span>{" "}
              <Value kpi={kpi!} value={row.kpis[kpi!.id]} of={row.id} kind="account" changes={row.changes} />
            </li>
          ))}
        </ul>
      )}
      {query.error && <p className="muted">{t("chart.not_there", { reason: query.error.message })}</p>}
      {actual && target && goal && (
        <Chart title={t("plan.revenue")} dates={actual.dates} format={money} empty={t("plan.none")}
          series={[
            { name: t("plan.actual"), values: actual.values, look: "line" },
            { name: t("plan.target"), values: target.values, look: "dashed" },
            { name: t("plan.goal"), values: goal.values, look: "faint" },
          ]} />
      )}
      {margin && floor && (
        <Chart title={t("plan.margin")} dates={margin.dates} format={percent} empty={t("plan.none")}
          series={[
            { name: t("plan.actual"), values: margin.values, look: "line" },
            { name: t("plan.floor"), values: floor.values, look: "dashed" },
          ]} />
      )}
    </section>
  );
}
