// Two groups or two accounts, or one of them at two dates, side by side: every KPI with its difference.
import { useEffect } from "react";
import { get } from "../../api/client";
import type { Kpis, KpiShape, Update } from "../../api/types";
import { useQuery, type Query } from "../../api/use_query";
import { labelOf, useCatalog, type Catalog } from "../../format/catalog";
import { formatDay, monthsBefore } from "../../format/dates";
import { groupName } from "../../format/groups";
import { difference, exactValue, judge, shortValue, whyUndefined } from "../../format/kpi";
import { byTheme } from "../../format/themes";
import { useInterest } from "../../live/live";
import { rows, useRow } from "../../live/rows";
import { JudgementMark } from "../../parts/judgement";
import { useGroupName } from "../../parts/names";
import { Failure } from "../../parts/notice";
import { change, usePlace } from "../../routing/router";
import { breakable } from "../../texts/breakable";
import { t } from "../../texts/texts";
import { useGroups } from "../portfolio/scope";

interface Side {
  group: string;
  date: string; // empty: now
}

interface Values {
  asOf: string;
  kpis: Kpis;
}

/** What a side shows: live where it is of now. */
function useSide({ group, date }: Side): Query<Values> {
  useInterest(date === "" && group !== "" ? { groups: [group], kpis: "all" } : null);
  const query = useQuery(group === "" ? null : `compare ${group} ${date}`, async (signal): Promise<Values> => {
    const path = `/v1/groups/${encodeURIComponent(group)}`;
    if (date !== "") {
      const then = await get<Update>(path, { as_of: date }, signal);
      return { asOf: then.as_of, kpis: then.kpis };
    }
    const now = (await get<{ group: Update }>(path, { limit: 1 }, signal)).group;
    rows.apply(now, "all", false);
    return { asOf: now.as_of, kpis: now.kpis };
  });
  const row = useRow(group);
  const live = date === "" && row !== undefined && query.data !== undefined;
  return live ? { ...query, data: { asOf: row.as_of, kpis: row.kpis } } : query;
}

function SideChoice({ name, side, groups }: { name: "a" | "b"; side: Side; groups: readonly string[] }) {
  const catalog = useCatalog();
  const chosen = useGroupName(side.group);
  return (
    <div className="bar">
      <label>
        {t(`compare.${name}`)}{" "}
        <select value={side.group} onChange={(event) => change({ [name]: event.target.value })}>
          {!groups.includes(side.group) && <option value={side.group}>{chosen}</option>}
          {groups.map((id) => <option key={id} value={id}>{groupName(catalog, id)}</option>)}
        </select>
      </label>
      <label>
        {t("compare.date")}{" "}
        <input type="date" value={side.date} onChange={(event) => change({ [`${name}_date`]: event.target.value })} />
      </label>
    </div>
  );
}

function Difference({ kpi, a, b }: { kpi: KpiShape; a: number | undefined; b: number | undefined }) {
  const { currency } = useCatalog();
  if (a === undefined || b === undefined) return <>–</>;
  const by = difference(kpi, b, a, currency);
  if (by === undefined) return <>–</>;
  const judged = by.better === undefined ? "" : by.better ? "good" : "bad";
  const word = by.better === undefined ? "" : t(by.better ? "compare.better" : "compare.worse");
  return <span className={`compare-by ${judged}`}>{by.text} <small>{word}</small></span>;
}

function Cell({ kpi, values }: { kpi: KpiShape; values: Values | undefined }) {
  const { currency } = useCatalog();
  if (values === undefined) return <td className="numeric muted">…</td>;
  const value = values.kpis[kpi.id];
  if (value === undefined) return <td className="numeric undefined"><span data-tip={whyUndefined(kpi)} tabIndex={0}>–</span></td>;
  const judgement = judge(kpi, value);
  const isBad = judgement === "bad";
  return (
    <td className={`numeric ${isBad ? "compare-bad" : ""}`} data-tip={exactValue(kpi, value, currency)}>
      {isBad && <JudgementMark judgement="bad" />}{shortValue(kpi, value, currency)}
    </td>
  );
}

function groupShapes(catalog: Catalog): KpiShape[] {
  return catalog.document.kpis.map((kpi) => kpi.group).filter((kpi): kpi is KpiShape => kpi !== undefined);
}

interface TableProperties {
  a: Values | undefined;
  b: Values | undefined;
  busy: boolean;
  heads: [string, string];
}

function Table({ a, b, busy, heads }: TableProperties) {
  const catalog = useCatalog();
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={t("compare.title")}>
      <table className="lines compare" aria-busy={busy}>
        <thead>
          <tr>
            <th scope="col">{t("filter.kpi")}</th>
            {heads.map((head, index) => <th key={index} scope="col" className="numeric">{head}</th>)}
            <th scope="col" className="numeric">{t("compare.difference")}</th>
          </tr>
        </thead>
        {byTheme(groupShapes(catalog)).map(({ theme, shapes }) => (
          <tbody key={theme}>
            <tr><th scope="rowgroup" colSpan={4} className="compare-theme">{t(`theme_of.${theme}`)}</th></tr>
            {shapes.map((kpi) => (
              <tr key={kpi.id}>
                <th scope="row">{breakable(labelOf(kpi))}</th>
                <Cell kpi={kpi} values={a} />
                <Cell kpi={kpi} values={b} />
                <td className="numeric"><Difference kpi={kpi} a={a?.kpis[kpi.id]} b={b?.kpis[kpi.id]} /></td>
              </tr>
            ))}
          </tbody>
        ))}
      </table>
    </div>
  );
}

/** Without a choice: the widest group, a year ago and now. */
function sidesOf(query: URLSearchParams, groups: readonly string[], today: string): [Side, Side] {
  const first = query.get("a") || groups[0] || "";
  const chosen = query.get("a") !== null || query.get("b") !== null || query.get("b_date") !== null;
  const date = query.get("a_date") ?? (chosen || today === "" ? "" : monthsBefore(today, 12));
  return [
    { group: first, date },
    { group: query.get("b") || first, date: query.get("b_date") ?? "" },
  ];
}

export function Compare() {
  const { query } = usePlace();
  const groups = useGroups();
  const now = useQuery("compare today", async (signal) => (await get<{ as_of?: string }>("/v1/status", {}, signal)).as_of ?? "");
  const [left, right] = sidesOf(query, groups.data ?? [], now.data ?? "");
  const a = useSide(left);
  const b = useSide(right);
  useEffect(() => {
    document.title = `${t("compare.title")} · Keyfold`;
  }, []);
  const names = [useGroupName(left.group), useGroupName(right.group)] as const;
  const head = (name: string, values: Values | undefined) => `${name}${values ? `, ${formatDay(values.asOf)}` : ""}`;
  const error = groups.error ?? a.error ?? b.error;
  return (
    <div className="stack">
      <h1>{t("compare.title")}</h1>
      <SideChoice name="a" side={left} groups={groups.data ?? []} />
      <SideChoice name="b" side={right} groups={groups.data ?? []} />
      {error && <Failure error={error} />}
      <Table a={a.data} b={b.data} busy={a.loading || b.loading} heads={[head(names[0], a.data), head(names[1], b.data)]} />
    </div>
  );
}
