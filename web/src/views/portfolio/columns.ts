// The columns of the portfolio's table: the name, then any attributes and KPIs, in the order in which they were picked.
import { recall, remember } from "../../base/remembered";
import type { KpiShape } from "../../api/types";
import { labelOf, type Catalog } from "../../format/catalog";
import { addressWith, go, type Changes } from "../../routing/router";
import { t, type TextKey } from "../../texts/texts";

export type AttributeColumn = "manager_id" | "segment" | "region" | "industry" | "tier" | "parent_id";

export const ATTRIBUTE_COLUMNS: readonly AttributeColumn[] = ["manager_id", "segment", "region", "industry", "tier", "parent_id"];

export const attributeLabel = (name: AttributeColumn): string => t(`attribute.${name}` as TextKey);

const DEFAULT = [
  "health_score",
  "revenue_t12m",
  "revenue_growth",
  "contribution_margin_2_ratio",
  "plan_attainment",
  "nps",
  "escalations_open",
  "contract_value_due_90d",
  "meetings_t90d",
];

export interface PickedColumn {
  id: string;
  label: string;
  kpi?: KpiShape; // else it is an attribute
}

function isAttribute(id: string): id is AttributeColumn {
  return (ATTRIBUTE_COLUMNS as readonly string[]).includes(id);
}

export function columnOf(catalog: Catalog, id: string): PickedColumn | undefined {
  if (isAttribute(id)) return { id, label: attributeLabel(id) };
  const kpi = catalog.kpi(id);
  return kpi && { id, label: labelOf(kpi), kpi };
}

/** Of the address, else what was picked last, else what most look at; without what the catalogue does not have. */
export function pickedColumns(catalog: Catalog, query: URLSearchParams): PickedColumn[] {
  const said = query.get("columns") ?? recall("columns");
  const ids = said ? said.split(",") : DEFAULT;
  return ids.map((id) => columnOf(catalog, id)).filter((column): column is PickedColumn => column !== undefined);
}

/** Shows these columns, and will the next time. */
export function pickColumns(ids: readonly string[]): void {
  const text = ids.join(",");
  remember("columns", text);
  const changes: Changes = { columns: text };
  go(addressWith(changes), { replace: true });
}

export const kpisOf = (columns: readonly PickedColumn[]): string[] =>
  columns.filter((column) => column.kpi !== undefined).map((column) => column.id);
