// What the numbers are: each KPI with its meaning, formula, unit and thresholds, under its theme; and the alerts.
import { useEffect, useState } from "react";
import type { CatalogAlert, CatalogKpi, KpiShape } from "../../api/types";
import { labelOf, useCatalog } from "../../format/catalog";
import { setValue } from "../../format/kpi";
import { byTheme } from "../../format/themes";
import { JudgementMark, SeverityMark } from "../../parts/judgement";
import { Empty } from "../../parts/notice";
import { said } from "../../texts/language";
import { t } from "../../texts/texts";

function Thresholds({ kpi }: { kpi: KpiShape }) {
  const { currency } = useCatalog();
  const { good, bad } = kpi.thresholds ?? {};
  if (good === undefined && bad === undefined) return null;
  const bound = (value: number, lower: boolean) => {
    const text = setValue(kpi, value, currency);
    return kpi.unit === "flag" ? text : t(lower ? "tile.at_most" : "tile.at_least", { value: text });
  };
  const lower = kpi.better === "lower";
  return (
    <p>
      {good !== undefined && (
        <span className="definition-bound good"><JudgementMark judgement="good" said={false} />{t("judgement.good")} {bound(good, lower)} </span>
      )}
      {bad !== undefined && (
        <span className="definition-bound bad"><JudgementMark judgement="bad" said={false} />{t("judgement.bad")} {bound(bad, !lower)}</span>
      )}
    </p>
  );
}

function Definition({ kpi }: { kpi: CatalogKpi }) {
  const group = kpi.group;
  return (
    <article className="definition" id={kpi.id} tabIndex={-1}>
      <h3>{labelOf(kpi)} <code className="muted">{kpi.id}</code></h3>
      <p>{said(kpi.description, "")}</p>
      <Thresholds kpi={kpi} />
      <details>
        <summary>{t("why.formula")}</summary>
        <p><code>{kpi.formula}</code></p>
        {group && group.formula !== kpi.formula && <p>{t("definitions.of_groups")} <code>{group.formula}</code></p>}
        {!group && <p className="muted">{t("definitions.no_groups")}</p>}
      </details>
    </article>
  );
}

function AlertDefinition({ alert }: { alert: CatalogAlert }) {
  return (
    <article className="definition" id={`alert-${alert.id}`}>
      <h3><SeverityMark severity={alert.severity} /> {said(alert.label, alert.id)} <code className="muted">{alert.id}</code></h3>
      <p>{said(alert.description, "")}</p>
      <p><code>{alert.formula}</code></p>
    </article>
  );
}

/** Goes to the KPI that the address names behind its #. */
function useTarget(): void {
  useEffect(() => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    target?.scrollIntoView({ block: "center" });
    target?.focus({ preventScroll: true });
  }, [location.hash]);
}

export function Definitions() {
  const catalog = useCatalog();
  const [text, setText] = useState("");
  useTarget();
  useEffect(() => {
    document.title = `${t("definitions.title")} · Keyfold`;
  }, []);
  const wanted = text.toLocaleLowerCase();
  const fits = (shape: { id: string; label?: KpiShape["label"]; description?: KpiShape["description"] }) =>
    `${shape.id} ${labelOf(shape)} ${said(shape.description, "")}`.toLocaleLowerCase().includes(wanted);
  const themes = byTheme(catalog.document.kpis.filter(fits));
  const alerts = catalog.document.alerts.filter(fits);
  return (
    <div className="stack definitions">
      <div className="bar">
        <h1>{t("definitions.title")}</h1>
        <input type="search" aria-label={t("columns.find")} placeholder={t("columns.find")} value={text} onChange={(event) => setText(event.target.value)} />
      </div>
      {themes.length + alerts.length === 0 && <Empty>{t("search.nothing")}</Empty>}
      {themes.map(({ theme, shapes }) => (
        <section key={theme} aria-labelledby={`definitions-${theme}`}>
          <h2 id={`definitions-${theme}`}>{t(`theme_of.${theme}`)}</h2>
          <div className="definition-list">{shapes.map((kpi) => <Definition key={kpi.id} kpi={kpi} />)}</div>
        </section>
      ))}
      {alerts.length > 0 && (
        <section aria-labelledby="definitions-alerts">
          <h2 id="definitions-alerts">{t("alerts.title")}</h2>
          <div className="definition-list">{alerts.map((alert) => <AlertDefinition key={alert.id} alert={alert} />)}</div>
        </section>
      )}
    </div>
  );
}
