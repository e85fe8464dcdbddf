// Which accounts the table shows: chosen attributes and conditions, each with a way to take it back.
import { useState, type FormEvent } from "react";
import { get } from "../../api/client";
import type { GroupPage } from "../../api/types";
import { useQuery } from "../../api/use_query";
import { labelOf, useCatalog } from "../../format/catalog";
import { formatNumber } from "../../format/number";
import { idOf } from "../../live/rows";
import { change } from "../../routing/router";
import { t } from "../../texts/texts";
import { attributeLabel } from "./columns";
import { ATTRIBUTES, FLAGS, type Question } from "./question";

const VALUES_MAX = 500;

/** The values that an attribute has, as far as there are groups of them. */
function AttributeFilter({ name, prefix, chosen }: { name: (typeof ATTRIBUTES)[number]["name"]; prefix: string; chosen: string }) {
  const query = useQuery(`values ${prefix}`, async (signal) => {
    const page = await get<GroupPage>("/v1/groups", { prefix, kpis: "customers", limit: VALUES_MAX }, signal);
    return page.groups.map((group) => idOf(group).slice(prefix.length));
  });
  const values = query.data ?? [];
  const all = chosen !== "" && !values.includes(chosen) ? [chosen, ...values] : values;
  return (
    <label>
      {attributeLabel(name)}
      <select value={chosen} onChange={(event) => change({ [name]: event.target.value })}>
        <option value="">{t("filter.any")}</option>
        {all.map((value) => <option key={value}>{value}</option>)}
      </select>
    </label>
  );
}

function FlagFilter({ name, chosen }: { name: (typeof FLAGS)[number]; chosen: string }) {
  return (
    <label>
      {t(`attribute.${name}`)}
      <select value={chosen} onChange={(event) => change({ [name]: event.target.value })}>
        <option value="">{t("filter.any")}</option>
        <option value="true">{t("flag.yes")}</option>
        <option value="false">{t("flag.no")}</option>
      </select>
    </label>
  );
}

const COMPARISONS = ["<", "<=", ">=", ">"] as const;

/** Percent are written as people say them. */
function scaleOf(unit: string): number {
  return unit === "ratio" ? 100 : 1;
}

function ConditionForm({ where }: { where: readonly string[] }) {
  const catalog = useCatalog();
  const kpis = catalog.accountKpis();
  const [kpi, setKpi] = useState(kpis[0]?.id ?? "");
  const [comparison, setComparison] = useState<string>(COMPARISONS[0]);
  const [bound, setBound] = useState("");
  const unit = catalog.kpi(kpi)?.unit ?? "";
  const add = (event: FormEvent) => {
    event.preventDefault();
    const value = Number(bound.trim().replace(",", "."));
    if (bound.trim() === "" || !Number.isFinite(value)) return;
    change({ where: [...where, `${kpi}${comparison}${value / scaleOf(unit)}`].join(",") });
    setBound("");
  };
  return (
    <form className="condition" onSubmit={add}>
      <label>
        {t("filter.kpi")}
        <select value={kpi} onChange={(event) => setKpi(event.target.value)}>
          {kpis.map((one) => <option key={one.id} value={one.id}>{labelOf(one)}</option>)}
        </select>
      </label>
      <label>
        <span className="hidden">{t("filter.comparison")}</span>
        <select value={comparison} onChange={(event) => setComparison(event.target.value)}>
          {COMPARISONS.map((sign) => <option key={sign}>{sign}</option>)}
        </select>
      </label>
      <label>
        {unit === "ratio" ? t("filter.percent") : t("filter.bound")}
        <input inputMode="decimal" size={8} value={bound} onChange={(event) => setBound(event.target.value)} />
      </label>
      <button type="submit">{t("filter.add")}</button>
    </form>
  );
}

export function FilterPanel({ question }: { question: Question }) {
  return (
    <div className="filters" id="filters">
      {ATTRIBUTES.map(({ name, prefix }) => (
        <AttributeFilter key={name} name={name} prefix={prefix} chosen={question.attributes[name] ?? ""} />
      ))}
      {FLAGS.map((name) => <FlagFilter key={name} name={name} chosen={question.flags[name] ?? ""} />)}
      <ConditionForm where={question.where} />
    </div>
  );
}

function Chip({ text, onRemove }: { text: string; onRemove: () => void }) {
  return (
    <li className="chip">
      {text}
      <button type="button" onClick={onRemove} aria-label={t("filter.remove", { filter: text })}>✕</button>
    </li>
  );
}

function conditionText(condition: string, catalog: ReturnType<typeof useCatalog>): string {
  const [, id = "", sign = "", bound = ""] = /^(.*?)([<>]=?|=)(.*)$/.exec(condition) ?? [];
  const kpi = catalog.kpi(id);
  if (kpi === undefined) return condition;
  const scaled = formatNumber(Number(bound) * scaleOf(kpi.unit), 4, 0);
  return `${labelOf(kpi)} ${sign} ${scaled}${kpi.unit === "ratio" ? " %" : ""}`;
}

/** The filters that hold. */
export function FilterChips({ question }: { question: Question }) {
  const catalog = useCatalog();
  const { attributes, flags, where, text } = question;
  const chips = [
    ...Object.entries(attributes).map(([name, value]) => ({ name, text: `${t(`attribute.${name as "segment"}`)}: ${value}` })),
    ...Object.entries(flags).map(([name, value]) => ({
      name,
      text: `${t(`attribute.${name as "customer"}`)}: ${t(value === "true" ? "flag.yes" : "flag.no")}`,
    })),
    ...(text === "" ? [] : [{ name: "q", text: `„${text}“` }]),
  ];
  if (chips.length + where.length === 0) return null;
  return (
    <ul className="chips" aria-label={t("filter.present")}>
      {chips.map((chip) => <Chip key={chip.name} text={chip.text} onRemove={() => change({ [chip.name]: null })} />)}
      {where.map((condition) => (
        <Chip key={condition} text={conditionText(condition, catalog)}
          onRemove={() => change({ where: where.filter((other) => other !== condition).join(",") })} />
      ))}
    </ul>
  );
}
