// All figures of an account, under the themes that people look for them.
import { labelOf, type Catalog } from "../../format/catalog";
import { byTheme } from "../../format/themes";
import type { Row } from "../../live/rows";
import { Value } from "../../parts/value";
import { said } from "../../texts/language";
import { t } from "../../texts/texts";

export function Themes({ row, catalog }: { row: Row; catalog: Catalog }) {
  return (
    <section className="themes" aria-label={t("tiles.label")}>
      {byTheme(catalog.accountKpis()).map(({ theme, shapes }) => (
        <section key={theme} className="panel" aria-labelledby={`theme-${theme}`}>
          <h2 id={`theme-${theme}`}>{t(`theme_of.${theme}`)}</h2>
          <dl className="theme">
            {shapes.map((kpi) => (
              <div key={kpi.id}>
                <dt data-tip={said(kpi.description, "")}>{labelOf(kpi)}</dt>
                <dd>
                  <Value kpi={kpi} value={row.kpis[kpi.id]} of={row.id} kind="account" missingRates={row.missing_rates}
                    changes={row.changes} />
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </section>
  );
}
