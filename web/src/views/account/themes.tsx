// All figures of an account, under the themes that people look for them, each against what it was a year ago.
import { get } from "../../api/client";
import type { Kpis, KpiShape, Update } from "../../api/types";
import { useQuery } from "../../api/use_query";
import { labelOf, useCatalog } from "../../format/catalog";
import { formatDay, monthsBefore } from "../../format/dates";
import { difference, exactValue } from "../../format/kpi";
import { byTheme } from "../../format/themes";
import type { Row } from "../../live/rows";
import { Value } from "../../parts/value";
import { breakable } from "../../texts/breakable";
import { said } from "../../texts/language";
import { t } from "../../texts/texts";

const OF_GROUPS = new Set(["customers", "key_accounts"]); // of a single account they are 0 or 1, and its header says so

/** By how much it is another value than a year ago. */
function Since({ kpi, value, before }: { kpi: KpiShape; value: number | undefined; before: number | undefined }) {
  const { currency } = useCatalog();
  const by = value === undefined || before === undefined || kpi.unit === "flag" ? undefined : difference(kpi, value, before, currency);
  if (by === undefined) return <td />;
  return (
    <td className="numeric since" data-tip={t("tile.year_ago", { value: exactValue(kpi, before!, currency) })}>
      {by.direction !== 0 && <span aria-hidden="true">{by.direction > 0 ? "▲ " : "▼ "}</span>}
      {by.text}
    </td>
  );
}

function Figures({ shapes, row, past }: { shapes: readonly KpiShape[]; row: Row; past: Kpis | undefined }) {
  return (
    <table className="theme">
      <thead className="hidden">
        <tr>
          <th scope="col">{t("filter.kpi")}</th>
          <th scope="col">{t("account.now")}</th>
          <th scope="col">{t("account.since_year")}</th>
        </tr>
      </thead>
      <tbody>
        {shapes.map((kpi) => (
          <tr key={kpi.id}>
            <th scope="row" data-tip={said(kpi.description, "")}>{breakable(labelOf(kpi))}</th>
            <td className="numeric">
              <Value kpi={kpi} value={row.kpis[kpi.id]} of={row.id} kind="account" missingRates={row.missing_rates}
                changes={row.changes} />
            </td>
            <Since kpi={kpi} value={row.kpis[kpi.id]} before={past?.[kpi.id]} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function Themes({ row, asOf }: { row: Row; asOf: string }) {
  const catalog = useCatalog();
  const then = monthsBefore(asOf, 12);
  const past = useQuery(`year ago ${row.id} ${then}`, (signal) =>
    get<Update>(`/v1/accounts/${encodeURIComponent(row.id)}`, { as_of: then }, signal),
  );
  const shapes = catalog.accountKpis().filter((kpi) => !OF_GROUPS.has(kpi.id));
  return (
    <section aria-labelledby="figures">
      <h2 id="figures" className="section-title">
        {t("tiles.label")} <span className="muted">· {t("account.against", { date: formatDay(then) })}</span>
      </h2>
      <div className="themes">
        {byTheme(shapes).map(({ theme, shapes: those }) => (
          <section key={theme} className="panel" aria-labelledby={`theme-${theme}`}>
            <h3 id={`theme-${theme}`}>{t(`theme_of.${theme}`)}</h3>
            <Figures shapes={those} row={row} past={past.data?.kpis} />
          </section>
        ))}
      </div>
    </section>
  );
}
