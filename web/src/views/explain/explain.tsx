// Why a number is what it is, in a panel from the right: a sentence, the formula with its values, and what has made them,
// down to the events; or, since another date, what has changed it.
import { useEffect } from "react";
import { get } from "../../api/client";
import type { Explanation } from "../../api/explanation";
import type { KpiShape } from "../../api/types";
import { useQuery } from "../../api/use_query";
import { labelOf, useCatalog } from "../../format/catalog";
import { formatDay, monthsBefore } from "../../format/dates";
import { difference, exactValue, judge, shortValue, whyUndefined } from "../../format/kpi";
import { Dialog } from "../../parts/dialog";
import { JudgementMark } from "../../parts/judgement";
import { useAccountName, useGroupName } from "../../parts/names";
import { Failure, Loading } from "../../parts/notice";
import { addressOfAccount } from "../../routing/addresses";
import { Link } from "../../routing/link";
import { change, usePlace } from "../../routing/router";
import { said } from "../../texts/language";
import { t } from "../../texts/texts";
import { changedFirst } from "./amounts";
import { Component } from "./component";
import { Formulas } from "./formulas";
import { WithoutEffect } from "./without_effect";

const LINES = 200;

export interface Asked {
  kind: "account" | "group";
  of: string;
  kpi: string;
  since: string; // empty: at a date
  asOf: string; // empty: the present day
  lines: number;
}

/** What the address asks; null: nothing. */
function askedOf(query: URLSearchParams): Asked | null {
  const kpi = query.get("why");
  const account = query.get("of");
  const group = query.get("of_group");
  const of = account || group;
  if (!kpi || !of) return null;
  const lines = Number(query.get("lines")) || LINES;
  return { kind: account ? "account" : "group", of, kpi, since: query.get("since") ?? "", asOf: query.get("at") ?? "", lines };
}

function useExplanation(asked: Asked) {
  const { kind, of, kpi, since, asOf, lines } = asked;
  return useQuery(JSON.stringify(asked), (signal) => {
    const path = `/v1/${kind}s/${encodeURIComponent(of)}/explain/${encodeURIComponent(kpi)}`;
    return get<Explanation>(path, { since, as_of: asOf, limit: lines }, signal);
  });
}

function Headline({ explanation, kpi }: { explanation: Explanation; kpi: KpiShape }) {
  const { currency } = useCatalog();
  const { value, value_since: before, since } = explanation;
  const judgement = judge(kpi, value);
  const by = since !== undefined && value !== undefined && before !== undefined ? difference(kpi, value, before, currency) : undefined;
  return (
    <div className="why-headline">
      <p className="why-value">
        {value === undefined ? "–" : shortValue(kpi, value, currency)}
        {judgement && <small className={judgement}><JudgementMark judgement={judgement} said={false} />{t(`judgement.${judgement}`)}</small>}
      </p>
      <p className="muted">
        {value === undefined ? whyUndefined(kpi) : t("why.at", { value: exactValue(kpi, value, currency), date: formatDay(explanation.as_of) })}
      </p>
      {since !== undefined && (
        <p>
          {t("why.before", { value: before === undefined ? "–" : exactValue(kpi, before, currency), date: formatDay(since) })}
          {by && <strong> {by.text}</strong>}
        </p>
      )}
    </div>
  );
}

function Compare({ explanation }: { explanation: Explanation }) {
  const { as_of: asOf, since } = explanation;
  const choices = [
    { months: 1, text: t("why.month_ago") },
    { months: 3, text: t("why.quarter_ago") },
    { months: 12, text: t("why.year_ago") },
  ];
  return (
    <div className="bar">
      <label>
        {t("why.since")}{" "}
        <input type="date" max={asOf} value={since ?? ""} onChange={(event) => change({ since: event.target.value })} />
      </label>
      {choices.map(({ months, text }) => {
        const date = monthsBefore(asOf, months);
        return (
          <button key={months} type="button" aria-pressed={since === date}
            onClick={() => change({ since: since === date ? null : date })}>{text}</button>
        );
      })}
    </div>
  );
}

function Body({ explanation, kpi, asked }: { explanation: Explanation; kpi: KpiShape; asked: Asked }) {
  const components = changedFirst(explanation.components.filter((component) => component.measure !== undefined));
  return (
    <>
      <Headline explanation={explanation} kpi={kpi} />
      <p>{said(kpi.description, "")}</p>
      {explanation.missing_rates?.length ? (
        <p className="failure">{t("value.missing_rates", { currencies: explanation.missing_rates.join(", ") })}</p>
      ) : null}
      <Compare explanation={explanation} />
      <section aria-labelledby="why-components">
        <h3 id="why-components">{t(explanation.since === undefined ? "why.parts" : "why.changes")}</h3>
        {components.length === 0 && <p className="muted">{t("why.no_parts")}</p>}
        {components.map((component, index) => (
          <Component key={component.name} component={component} asked={asked} open={index === 0} />
        ))}
      </section>
      <Formulas explanation={explanation} />
      <WithoutEffect explanation={explanation} />
    </>
  );
}

function Panel({ asked }: { asked: Asked }) {
  const catalog = useCatalog();
  const kpi = (asked.kind === "group" ? catalog.groupKpi(asked.kpi) : undefined) ?? catalog.kpi(asked.kpi);
  const query = useExplanation(asked);
  const account = useAccountName(asked.kind === "account" ? asked.of : "");
  const group = useGroupName(asked.of);
  const name = asked.kind === "account" ? account : group;
  const close = () => change({ why: null, of: null, of_group: null, since: null, at: null, lines: null });
  return (
    <Dialog side title={kpi ? labelOf(kpi) : asked.kpi} onClose={close}>
      <p className="muted why-of">
        {asked.kind === "account" ? <Link href={addressOfAccount(asked.of)}>{name}</Link> : name}
      </p>
      {query.error && <Failure error={query.error} />}
      {query.loading && !query.data && <Loading />}
      {query.data && kpi && (
        <div className="why" aria-busy={query.loading}>
          <Body explanation={query.data} kpi={kpi} asked={asked} />
        </div>
      )}
    </Dialog>
  );
}

/** The panel, where the address asks for one. */
export function Explain() {
  const { query } = usePlace();
  const asked = askedOf(query);
  const key = asked === null ? "" : `${asked.of} ${asked.kpi}`;
  useEffect(() => {
    if (asked === null) return;
    // The page behind does not scroll.
    document.documentElement.classList.add("has-panel");
    return () => document.documentElement.classList.remove("has-panel");
  }, [key]);
  return asked === null ? null : <Panel key={key} asked={asked} />;
}
