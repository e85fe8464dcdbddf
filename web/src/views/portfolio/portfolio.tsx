// The first view: how a group of accounts does, where one must act, and all of its accounts.
import { useEffect, useMemo, useState } from "react";
import { announce } from "../../base/announce";
import { useShortcut } from "../../base/keys";
import { useCatalog } from "../../format/catalog";
import { groupName } from "../../format/groups";
import { useGroupName } from "../../parts/names";
import { Empty, Failure, Loading } from "../../parts/notice";
import { change, usePlace } from "../../routing/router";
import { t } from "../../texts/texts";
import { AccountTable } from "./account_table";
import { Attention } from "./attention";
import { ColumnPicker } from "./column_picker";
import { pickedColumns, type PickedColumn } from "./columns";
import { Due } from "./due";
import { copyTable, saveCsv } from "./export";
import { FilterChips, FilterPanel } from "./filters";
import { filtersOf, readQuestion, type Question } from "./question";
import { chooseScope, useGroups, useScope } from "./scope";
import { Tiles } from "./tiles";

function Scope({ group, name }: { group: string; name: string }) {
  const catalog = useCatalog();
  const groups = useGroups(2).data ?? [];
  const all = groups.includes(group) || group === "" ? groups : [group, ...groups];
  return (
    <h1 className="scope">
      <label>
        <span className="hidden">{t("portfolio.scope")}</span>
        <select value={group} onChange={(event) => chooseScope(event.target.value)}>
          {group === "" && <option value="">{t("portfolio.everything")}</option>}
          {all.map((id) => <option key={id} value={id}>{id === group ? name : groupName(catalog, id)}</option>)}
        </select>
      </label>
    </h1>
  );
}

function Export({ question, columns }: { question: Question; columns: readonly PickedColumn[] }) {
  const [busy, setBusy] = useState(false);
  const run = async (work: () => Promise<string>) => {
    setBusy(true);
    try {
      announce(await work());
    } catch {
      announce(t("error.no_answer"));
    } finally {
      setBusy(false);
    }
  };
  const name = `keyfold-${question.group.replace(/\W+/g, "-") || "accounts"}.csv`;
  return (
    <>
      <button type="button" disabled={busy} onClick={() => void run(async () => {
        await saveCsv(question, columns, name);
        return t("export.saved", { name });
      })}>{t("export.csv")}</button>
      <button type="button" disabled={busy} onClick={() => void run(async () =>
        t("export.copied", { n: await copyTable(question, columns) }),
      )}>{t("export.copy")}</button>
    </>
  );
}

function Accounts({ question }: { question: Question }) {
  const catalog = useCatalog();
  const { query } = usePlace();
  const columns = useMemo(() => pickedColumns(catalog, query), [catalog, query]);
  const [filtering, setFiltering] = useState(false);
  const [picking, setPicking] = useState(false);
  const filters = filtersOf(question);
  const asTree = query.get("by") === "parent";
  useShortcut("f", "keys.filter", () => setFiltering((open) => !open));
  useShortcut("c", "keys.columns", () => setPicking(true));
  return (
    <section className="accounts" aria-labelledby="accounts">
      <div className="bar">
        <h2 id="accounts">{t("portfolio.accounts")}</h2>
        <input type="search" className="bar-search" aria-label={t("filter.name")} placeholder={t("filter.name")}
          value={question.text} onChange={(event) => change({ q: event.target.value }, { replace: true })} />
        <button type="button" aria-expanded={filtering} aria-controls="filters" onClick={() => setFiltering(!filtering)}>
          {t("filter.title")}{filters > 0 && ` (${filters})`}
        </button>
        <button type="button" onClick={() => setPicking(true)}>{t("columns.do")}</button>
        <button type="button" aria-pressed={asTree} onClick={() => change({ by: asTree ? null : "parent" })}>
          {t("table.corporate")}
        </button>
        <Export question={question} columns={columns} />
      </div>
      {filtering && <FilterPanel question={question} />}
      <FilterChips question={question} />
      <AccountTable question={question} columns={columns} />
      {picking && <ColumnPicker picked={columns.map((column) => column.id)} onClose={() => setPicking(false)} />}
    </section>
  );
}

function PortfolioOf({ group }: { group: string }) {
  const catalog = useCatalog();
  const { query } = usePlace();
  const sort = catalog.kpi("health_score") ? "health_score" : "name";
  const question = useMemo(() => readQuestion(query, group, sort), [query, group, sort]);
  const name = useGroupName(group);
  useEffect(() => {
    document.title = `${name || t("portfolio.title")} · Keyfold`;
  }, [name]);
  return (
    <div className="portfolio">
      <Scope group={group} name={name} />
      {group === "" ? <Empty>{t("portfolio.no_groups")}</Empty> : (
        <>
          <Tiles group={group} />
          <div className="today">
            <Attention group={group} />
            <Due group={group} />
          </div>
        </>
      )}
      <Accounts question={question} />
    </div>
  );
}

export function Portfolio() {
  const { group, error } = useScope(usePlace().query);
  if (group !== undefined) return <PortfolioOf group={group} />;
  return error ? <Failure error={error} /> : <Loading />;
}
