// The past two years of an account: what was billed each month, against the forecast, the pipeline, and what it thinks of us.
import { get } from "../../api/client";
import type { Kpis } from "../../api/types";
import { useQuery, type Query } from "../../api/use_query";
import { Chart, type ChartSeries } from "../../charts/chart";
import { useCatalog } from "../../format/catalog";
import { monthEnds } from "../../format/dates";
import { shortMoney } from "../../format/money";
import { formatNumber } from "../../format/number";
import { t } from "../../texts/texts";

const MONTHS = 24;

interface FormulaValues {
  values: { points: { as_of: string; kpis: Kpis }[] }[];
}

interface Past {
  dates: string[];
  lines: (number | undefined)[][]; // by formula
}

interface Asked {
  formula: string;
  unit: "money" | "number";
}

function usePast(id: string, asOf: string, asked: readonly Asked[]): Query<Past> {
  return useQuery(`past ${id} ${asOf} ${JSON.stringify(asked)}`, async (signal) => {
    const ends = monthEnds(asOf, MONTHS);
    const parameters = { id, from: ends[0], to: ends[ends.length - 2], step: "month" };
    const lines = await Promise.all(
      asked.map(async ({ formula, unit }) => {
        const [past, present] = await Promise.all([
          get<FormulaValues>("/v1/formula", { ...parameters, formula, unit }, signal),
          get<FormulaValues>("/v1/formula", { id, formula, unit, as_of: asOf }, signal),
        ]);
        const points = [...(past.values[0]?.points ?? []), ...(present.values[0]?.points ?? [])];
        const byMonth = new Map(points.map((point) => [point.as_of.slice(0, 7), Object.values(point.kpis)[0]]));
        return ends.map((end) => byMonth.get(end.slice(0, 7)));
      }),
    );
    return { dates: ends, lines };
  }, 2);
}

interface PastChartProperties {
  id: string;
  asOf: string;
  title: string;
  asked: readonly (Asked & { name: string; look: ChartSeries["look"] })[];
  format: (value: number) => string;
  withZero?: boolean;
  empty: string;
}

export function PastChart({ id, asOf, title, asked, format, withZero = false, empty }: PastChartProperties) {
  const query = usePast(id, asOf, asked.map(({ formula, unit }) => ({ formula, unit })));
  if (query.error) return <p className="muted">{t("chart.not_there", { reason: query.error.message })}</p>;
  if (query.data === undefined) return <div className="chart-place" aria-busy="true" />;
  const series = asked.map(({ name, look }, index) => ({ name, look, values: query.data!.lines[index]! }));
  return <Chart title={title} dates={query.data.dates} series={series} format={format} withZero={withZero} byMonth empty={empty} />;
}

export function Charts({ id, asOf }: { id: string; asOf: string }) {
  const { currency } = useCatalog();
  const money = (value: number) => shortMoney(value, currency);
  const points = (value: number) => formatNumber(value, 0);
  const common = { id, asOf };
  return (
    <section className="charts" aria-label={t("charts.label")}>
      <div className="panel"><PastChart {...common} title={t("charts.revenue")} format={money} withZero empty={t("charts.no_revenue")}
        asked={[
          { name: t("charts.actual"), formula: "sum(revenue, mtd)", unit: "money", look: "bar" },
          { name: t("charts.forecast"), formula: "if(sum(forecast_months, mtd) > 0, sum(forecast, mtd), undefined)", unit: "money", look: "dashed" },
        ]} /></div>
      <div className="panel"><PastChart {...common} title={t("charts.pipeline")} format={money} withZero empty={t("charts.no_pipeline")}
        asked={[
          { name: t("charts.open"), formula: "pipeline_open", unit: "money", look: "faint" },
          { name: t("charts.weighted"), formula: "pipeline_weighted", unit: "money", look: "line" },
        ]} /></div>
      <div className="panel"><PastChart {...common} title={t("charts.nps")} format={points} empty={t("charts.no_nps")}
        asked={[{ name: t("charts.nps"), formula: "nps", unit: "number", look: "line" }]} /></div>
    </section>
  );
}
