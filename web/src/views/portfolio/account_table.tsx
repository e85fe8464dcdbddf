// The accounts of a group: any columns, sorted by any of them, live, corporate groups open into their accounts.
import { useCallback, useEffect, useMemo, useState } from "react";
import { eachPage } from "../../api/client";
import type { GroupPage } from "../../api/types";
import { useQuery } from "../../api/use_query";
import { announce } from "../../base/announce";
import { labelOf, useCatalog } from "../../format/catalog";
import { useInterest } from "../../live/live";
import { idOf, rows, useRow } from "../../live/rows";
import { PARENT, readNames } from "../../parts/names";
import { Empty, Failure, Loading } from "../../parts/notice";
import { Value } from "../../parts/value";
import { VirtualGrid, type GridColumn } from "../../parts/virtual_grid";
import { addressOfAccount } from "../../routing/addresses";
import { Link } from "../../routing/link";
import { change, usePlace } from "../../routing/router";
import { breakable } from "../../texts/breakable";
import { valueName } from "../../texts/domain";
import { said } from "../../texts/language";
import { t } from "../../texts/texts";
import { useAccountList } from "./account_list";
import type { AttributeColumn, PickedColumn } from "./columns";
import { kpisToAsk } from "./export";
import type { Question } from "./question";
import { flatLines, treeLines, type Line } from "./tree";

const GROUPS_MAX = 5_000;
const TREE_MAX = 10_000; // accounts that are read for their corporate groups
const ROOM_MAX = 10_000; // rows that one can scroll to at once; beyond them the table grows while it is scrolled
const ROOM_MORE = 1_000;

function AccountName({ line, tabIndex }: { line: Line & { kind: "account" }; tabIndex: number }) {
  const row = useRow(line.id);
  const name = row?.attributes?.name || line.id;
  return (
    <Link className={line.inner ? "row-name inner" : "row-name"} href={addressOfAccount(line.id)} tabIndex={tabIndex}
      data-tip={name === line.id ? undefined : line.id}>
      <span className="row-name-text">{name}</span>
      {row?.attributes?.tier && <span className="badge">{valueName(row.attributes.tier)}</span>}
    </Link>
  );
}

function GroupName({ line, tabIndex, onToggle }: { line: Line & { kind: "group" }; tabIndex: number; onToggle: () => void }) {
  const parent = useRow(line.parent);
  return (
    <button type="button" className="row-name group" aria-expanded={line.open} tabIndex={tabIndex} onClick={onToggle}>
      <span aria-hidden="true" className="arrow">{line.open ? "▾" : "▸"}</span>
      <span className="row-name-text">{parent?.attributes?.name || line.parent}</span>
      <span className="badge">{t("table.members", { n: line.members })}</span>
    </button>
  );
}

function Cell({ line, column, tabIndex }: { line: Line; column: PickedColumn; tabIndex: number }) {
  const catalog = useCatalog();
  const row = useRow(line.id);
  const kpi = line.kind === "group" ? column.kpi && catalog.groupKpiOf(column.id) : column.kpi;
  if (row === undefined) return <span className="muted" tabIndex={tabIndex}>…</span>;
  if (column.kpi === undefined) {
    const text = line.kind === "group" ? "" : row.attributes?.[column.id as AttributeColumn] ?? "";
    return <span tabIndex={tabIndex}>{column.id === "tier" ? valueName(text) : text}</span>;
  }
  if (kpi === undefined) return <span tabIndex={tabIndex} data-tip={t("table.no_group_value")}>–</span>;
  return (
    <Value kpi={kpi} value={row.kpis[kpi.id]} of={line.id} kind={line.kind} missingRates={row.missing_rates}
      changes={row.changes} tabIndex={tabIndex} />
  );
}

/** The values of corporate groups, where they are shown. */
function useCorporateGroups(shown: boolean, kpis: readonly string[]): number {
  const catalog = useCatalog();
  const groupKpis = kpis.map((id) => catalog.groupKpiOf(id)?.id).filter((id): id is string => id !== undefined);
  const asked = groupKpis.length > 0 ? groupKpis : ["customers"];
  const query = useQuery(shown ? `corporate ${asked.join()}` : null, async (signal) => {
    let count = 0;
    const parents: string[] = [];
    await eachPage<GroupPage>("/v1/groups", { prefix: PARENT, kpis: asked }, (page) => {
      for (const row of page.groups) {
        rows.apply(row, asked, false);
        parents.push(idOf(row).slice(PARENT.length));
      }
      count += page.groups.length;
      return count < GROUPS_MAX;
    }, signal);
    await readNames(parents, signal);
    return count;
  });
  return query.data ?? 0;
}

function useLines(ids: readonly string[], sort: string, groups: number) {
  const asTree = usePlace().query.get("by") === "parent";
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const toggle = useCallback((parent: string) => {
    setOpen((before) => {
      const after = new Set(before);
      if (!after.delete(parent)) after.add(parent);
      return after;
    });
  }, []);
  const lines = useMemo(
    () => (asTree ? treeLines(ids, open, sort) : flatLines(ids)),
    [ids, open, sort, asTree, groups],
  );
  return { lines, toggle };
}

/** What is in a cell; the same function for as long as lines and columns are the same. */
function useCell(lines: readonly Line[], columns: readonly PickedColumn[], toggle: (parent: string) => void) {
  return useCallback((index: number, column: GridColumn, tabIndex: number) => {
    const line = lines[index]!;
    if (column.id !== "name") return <Cell line={line} column={columns.find((one) => one.id === column.id)!} tabIndex={tabIndex} />;
    if (line.kind === "account") return <AccountName line={line} tabIndex={tabIndex} />;
    return <GroupName line={line} tabIndex={tabIndex} onToggle={() => toggle(line.parent)} />;
  }, [lines, columns, toggle]);
}

function gridColumns(columns: readonly PickedColumn[], sort: string): GridColumn[] {
  const descending = sort.startsWith("-");
  const by = descending ? sort.slice(1) : sort;
  const sorted = (id: string) => (by !== id ? "none" : descending ? "descending" : "ascending") as GridColumn["sort"];
  // First the best, then the worst; names from A on.
  const onSort = (id: string, firstDescending: boolean) => () => {
    const next = by === id ? !descending : firstDescending;
    change({ sort: (next ? "-" : "") + id });
    announce(t("table.sorted"));
  };
  return [
    { id: "name", header: t("account.name"), sort: sorted("name"), onSort: onSort("name", false), interactive: true },
    ...columns.map((column): GridColumn => {
      if (column.kpi === undefined) return { id: column.id, header: column.label, interactive: true };
      return {
        id: column.id,
        header: breakable(column.label),
        tip: said(column.kpi.description, labelOf(column.kpi)),
        sort: sorted(column.id),
        onSort: onSort(column.id, column.kpi.better !== "lower"),
        numeric: true,
        interactive: true,
      };
    }),
  ];
}

function OrderNotice({ shown, onSort }: { shown: boolean; onSort: () => void }) {
  return (
    <span role="status" className="order-notice">
      {shown && (
        <>
          {" · "}{t("table.order_changed")} · <button type="button" className="link" onClick={onSort}>{t("table.sort_again")}</button>
        </>
      )}
    </span>
  );
}

export function AccountTable({ question, columns }: { question: Question; columns: readonly PickedColumn[] }) {
  const kpis = kpisToAsk(columns);
  const sortKpi = question.sort.replace(/^-/, "");
  const asked = kpis.includes(sortKpi) || sortKpi === "name" || sortKpi === "id" ? kpis : [...kpis, sortKpi];
  const asTree = usePlace().query.get("by") === "parent";
  useInterest(question.group === "" ? { accounts: ["*"], kpis: asked } : { membersOf: [question.group], kpis: asked });
  const list = useAccountList(question, asked);
  const groups = useCorporateGroups(asTree, asked);
  useEffect(() => {
    if (asTree) list.need(TREE_MAX);
  }, [asTree, list.need]);
  const { lines, toggle } = useLines(list.ids, question.sort, groups);
  const shownColumns = useMemo(() => gridColumns(columns, question.sort), [columns, question.sort]);
  const cell = useCell(lines, columns, toggle);
  if (list.error && list.ids.length === 0) return <Failure error={list.error} />;
  if (list.ids.length === 0) return list.loading ? <Loading /> : <Empty>{t("table.empty")}</Empty>;
  return (
    <>
      <p className="table-count">
        <span className="muted" role="status">
          {t("table.count", { n: list.total })}
          {asTree && list.ids.length < list.total && ` · ${t("table.read", { count: list.ids.length })}`}
        </span>
        <OrderNotice shown={list.outOfOrder} onSort={list.refresh} />
      </p>
      {list.error && <Failure error={list.error} />}
      <VirtualGrid
        label={t("table.label")}
        of={JSON.stringify([question, asTree])}
        columns={shownColumns}
        count={lines.length}
        room={asTree ? lines.length : Math.min(list.total, Math.max(ROOM_MAX, list.ids.length + ROOM_MORE))}
        total={asTree ? lines.length : list.total}
        rowKey={(index) => lines[index]!.id}
        rowClass={(index) => (lines[index]!.kind === "group" ? "group-row" : "")}
        cell={cell}
        onWanted={list.need}
      />
    </>
  );
}
