// The health score taken apart: each part with its weight, its value and what it adds. Read out of the catalogue's own formula,
// so that another catalogue's score is taken apart as well.
import { get } from "../../api/client";
import type { Kpis, KpiShape } from "../../api/types";
import { useQuery } from "../../api/use_query";
import { labelOf, useCatalog, type Catalog } from "../../format/catalog";
import { whyUndefined } from "../../format/kpi";
import { formatNumber } from "../../format/number";
import type { Row } from "../../live/rows";
import { Value } from "../../parts/value";
import { measureName } from "../../texts/domain";
import { t } from "../../texts/texts";
import { PastChart } from "./charts";
import { namesIn, weightedParts, type WeightedPart } from "./weighted_mean";

const HEALTH = "health_score";

interface FormulaValues {
  values: { points: { kpis?: Kpis; value?: number }[] }[];
}

/** The value of a formula for an account at a date; undefined where it is. */
async function valueOf(formula: string, id: string, asOf: string, signal: AbortSignal): Promise<number | undefined> {
  const answer = await get<FormulaValues>("/v1/formula", { formula, id, as_of: asOf }, signal);
  const point = answer.values[0]?.points[0];
  return Object.values(point?.kpis ?? {})[0];
}

/** What a part is about: the KPIs that it reads, or else its measures. */
function labelOfPart(part: WeightedPart, catalog: Catalog): string {
  const kpis = namesIn(part.formula, (id) => catalog.kpi(id) !== undefined);
  if (kpis.length > 0) return labelOf(catalog.kpi(kpis[0]!)!);
  if (part.formula.includes("review_missing")) return labelOf(catalog.kpi("reviews_missing") ?? { id: "reviews_missing" });
  const measure = /sum\((\w+)/.exec(part.formula)?.[1];
  return measure ? measureName(measure) : part.formula;
}

interface ValuedPart extends WeightedPart {
  value: number | undefined;
}

function PartBar({ value }: { value: number }) {
  return (
    <svg className="part-bar" viewBox="0 0 100 8" width="72" height="8" preserveAspectRatio="none" aria-hidden="true">
      <rect className="part-bar-all" width="100" height="8" rx="2" />
      <rect className="part-bar-part" width={Math.min(100, Math.max(0, value))} height="8" rx="2" />
    </svg>
  );
}

function Parts({ parts, catalog }: { parts: readonly ValuedPart[]; catalog: Catalog }) {
  const weight = parts.reduce((sum, part) => sum + (part.value === undefined ? 0 : part.weight), 0);
  return (
    <table className="lines">
      <thead>
        <tr>
          <th scope="col">{t("health.part")}</th>
          <th scope="col" className="numeric">{t("health.weight")}</th>
          <th scope="col" className="numeric">{t("health.value")}</th>
          <th scope="col" className="numeric">{t("health.adds")}</th>
        </tr>
      </thead>
      <tbody>
        {parts.map((part) => {
          const share = part.value === undefined || weight === 0 ? undefined : (part.weight * part.value) / weight;
          return (
            <tr key={part.formula} data-tip={part.formula}>
              <th scope="row">{labelOfPart(part, catalog)}</th>
              <td className="numeric">{part.value === undefined ? "–" : `${formatNumber((100 * part.weight) / weight, 0)} %`}</td>
              <td className="numeric">
                {part.value === undefined ? t("health.unknown") : <><PartBar value={part.value} /> <span className="part-number">{formatNumber(part.value, 0)}</span></>}
              </td>
              <td className="numeric">{share === undefined ? "–" : formatNumber(share, 1)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function PartsOf({ kpi, row, asOf }: { kpi: KpiShape; row: Row; asOf: string }) {
  const catalog = useCatalog();
  const parts = weightedParts(kpi.formula);
  const value = row.kpis[kpi.id];
  // Read again when the score changes.
  const query = useQuery(parts.length === 0 ? null : `health ${row.id} ${asOf} ${value}`, async (signal) =>
    Promise.all(parts.map(async (part): Promise<ValuedPart> => ({ ...part, value: await valueOf(part.formula, row.id, asOf, signal) }))),
  );
  if (query.error) return <p className="muted">{t("health.no_parts", { reason: query.error.message })}</p>;
  if (query.data === undefined) return null;
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={t("health.parts")}>
      <Parts parts={query.data} catalog={catalog} />
    </div>
  );
}

export function Health({ row, asOf }: { row: Row; asOf: string }) {
  const kpi = useCatalog().kpi(HEALTH);
  if (kpi === undefined) return null;
  return (
    <section className="panel" aria-labelledby="health">
      <h2 id="health">{labelOf(kpi)}</h2>
      <p className="big-value">
        <Value kpi={kpi} value={row.kpis[kpi.id]} of={row.id} kind="account" changes={row.changes} />
      </p>
      {row.kpis[kpi.id] !== undefined && <PartsOf kpi={kpi} row={row} asOf={asOf} />}
      <PastChart id={row.id} asOf={asOf} title={t("charts.health")} format={(value) => formatNumber(value, 0)}
        empty={whyUndefined(kpi)} asked={[{ name: t("charts.health"), formula: kpi.id, unit: "number", look: "line" }]} />
    </section>
  );
}
