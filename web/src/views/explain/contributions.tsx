// The events that have made a part, largest first, with what is not listed and a sum: what a filter shows adds up, too.
import { useState } from "react";
import type { Contribution, ExplainedComponent, Rest } from "../../api/explanation";
import { useCatalog } from "../../format/catalog";
import { formatDay, formatMonth } from "../../format/dates";
import { eventName } from "../../texts/domain";
import { t } from "../../texts/texts";
import { effectOf, effectOfRest, formatAmount, monthOf, passes, restsOf, sumByCurrency, type Filter } from "./amounts";
import { EventRow } from "./event_row";
import type { Asked } from "./explain";
import { MoreLines } from "./more_lines";

const ANY: Filter = { month: "", type: "" };

function sorted(values: readonly string[]): string[] {
  return [...new Set(values)].sort();
}

function Filters({ contributions, filter, onFilter }: {
  contributions: readonly Contribution[];
  filter: Filter;
  onFilter: (filter: Filter) => void;
}) {
  const months = sorted(contributions.map(monthOf)).reverse();
  const types = sorted(contributions.map((contribution) => contribution.event.type));
  if (months.length < 2 && types.length < 2) return null;
  return (
    <div className="bar">
      <label>
        {t("why.month")}{" "}
        <select value={filter.month} onChange={(event) => onFilter({ ...filter, month: event.target.value })}>
          <option value="">{t("filter.any")}</option>
          {months.map((month) => <option key={month} value={month}>{formatMonth(`${month}-01`)}</option>)}
        </select>
      </label>
      <label>
        {t("why.event")}{" "}
        <select value={filter.type} onChange={(event) => onFilter({ ...filter, type: event.target.value })}>
          <option value="">{t("filter.any")}</option>
          {types.map((type) => <option key={type} value={type}>{eventName(type)}</option>)}
        </select>
      </label>
    </div>
  );
}

function RestRow({ rest, money }: { rest: Rest; money: boolean }) {
  const word = rest.change === "stays" ? t("why.stays", { n: rest.count }) : t("why.rest_events", { n: rest.count });
  return (
    <tr>
      <td className="muted" colSpan={2}>{word}</td>
      <td className="numeric muted">
        {rest.change === "stays" ? t("why.unchanged") : formatAmount(effectOfRest(rest), money ? rest.currency : undefined)}
      </td>
    </tr>
  );
}

function Sums({ sums, money, filtered, compared }: { sums: Map<string, number>; money: boolean; filtered: boolean; compared: boolean }) {
  const word = filtered ? t("why.sum_filtered") : compared ? t("why.sum_changes") : t("why.sum");
  return (
    <tfoot>
      {[...sums].map(([currency, sum]) => (
        <tr key={currency}>
          <th scope="row" colSpan={2}>{word}</th>
          <td className="numeric">{formatAmount(sum, money && currency !== "" ? currency : undefined)}</td>
        </tr>
      ))}
    </tfoot>
  );
}

export function Contributions({ component, asked }: { component: ExplainedComponent; asked: Asked }) {
  const catalog = useCatalog();
  const [filter, setFilter] = useState<Filter>(ANY);
  const contributions = component.contributions ?? [];
  const rests = restsOf(component);
  const money = component.unit === "minor";
  const filtered = filter.month !== "" || filter.type !== "";
  const shown = contributions.filter((contribution) => passes(filter, contribution));
  const currency = (one: { currency?: string }) => (money ? (one.currency ?? catalog.currency) : undefined);
  const parts = [
    ...shown.map((one) => ({ currency: currency(one), amount: effectOf(one) })),
    ...(filtered ? [] : rests.map((one) => ({ currency: currency(one), amount: effectOfRest(one) }))),
  ];
  if (contributions.length === 0 && rests.length === 0) return <p className="muted">{t("why.no_events")}</p>;
  return (
    <>
      <Filters contributions={contributions} filter={filter} onFilter={setFilter} />
      <table className="lines">
        <thead>
          <tr>
            <th scope="col">{t("why.day")}</th>
            <th scope="col">{t("why.event")}</th>
            <th scope="col" className="numeric">{t("why.amount")}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((contribution, index) => (
            <EventRow key={`${contribution.event.event_id} ${contribution.day} ${contribution.change ?? ""} ${contribution.moved ?? ""} ${index}`}
              event={contribution.event} account={asked.of} day={formatDay(contribution.day)}
              change={contribution.moved ? "moved" : contribution.change}
              amount={formatAmount(effectOf(contribution), currency(contribution))} />
          ))}
          {!filtered && rests.map((rest, index) => <RestRow key={index} rest={rest} money={money} />)}
        </tbody>
        <Sums sums={sumByCurrency(parts)} money={money} filtered={filtered} compared={component.since !== undefined} />
      </table>
      {rests.some((rest) => rest.change !== "stays") && <MoreLines lines={asked.lines} />}
    </>
  );
}
