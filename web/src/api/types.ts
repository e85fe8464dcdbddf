// The documents of the API, as far as the page reads them. GET /v1/openapi.json describes them all.

export type Kpis = Record<string, number>;
export type Severity = "LOW" | "MEDIUM" | "HIGH" | "CRITICAL";
export type Language = "de" | "en";
export type Text = Partial<Record<Language, string>>;

export interface AccountAttributes {
  name?: string;
  segment?: string;
  region?: string;
  industry?: string;
  manager_id?: string;
  parent_id?: string;
  tier?: string;
  customer?: boolean;
  key_account?: boolean;
}

/** The latest values of an account or a group. */
export interface Update {
  account_id?: string;
  group_id?: string;
  as_of: string;
  kpis: Kpis;
  missing_rates?: string[];
  changed?: { id: string; from?: number }[];
  catalog_hash: string;
  source_partition?: number;
  source_offset?: number | string;
  accounts?: number | string;
  cause?: string;
  cause_event?: string;
  recorded_at?: string;
  attributes?: AccountAttributes;
  group?: { kind?: string; label?: string };
}

export interface AccountPage {
  accounts: Update[];
  total?: number;
  next_cursor?: string;
}

export interface GroupPage {
  groups: Update[];
  total?: number;
  next_cursor?: string;
}

export interface Alert {
  account_id?: string;
  group_id?: string;
  alert: string;
  raised: boolean;
  severity: Severity;
  inputs?: { id: string; value?: number }[];
  as_of?: string;
  cause?: string;
  cause_event?: string;
  recorded_at?: string;
  attributes?: AccountAttributes;
}

export interface AlertPage {
  alerts: Alert[];
  total?: number;
  next_cursor?: string;
}

export interface Point {
  as_of: string;
  accounts?: number;
  kpis: Kpis;
  missing_rates?: string[];
}

export interface Series {
  points: Point[];
}

/** What a number is: of accounts, and in `group` of groups where that differs. */
export interface KpiShape {
  id: string;
  label?: Text;
  description?: Text;
  undefined?: Text; // why there may be no value
  unit: string;
  better: "higher" | "lower" | "neither";
  digits: number;
  thresholds?: { good?: number; bad?: number };
  formula: string;
}

export interface CatalogKpi extends KpiShape {
  group?: KpiShape;
}

export interface CatalogAlert {
  id: string;
  label?: Text;
  description?: Text;
  severity: Severity;
  formula: string;
  of?: string;
  kpi?: boolean;
}

export interface CatalogDocument {
  catalog_hash: string;
  time_zone: string;
  fiscal_year_start_month: number;
  reporting_currency: string;
  kpis: CatalogKpi[];
  alerts: CatalogAlert[];
  components: { id: string; formula: string }[];
  parameters: Record<string, unknown>;
  windows: Record<string, unknown>;
  groups: { id?: string; prefix?: string; label: Text }[];
}

export interface Status {
  catalog_hash: string;
  epoch: string;
  stream_id: string;
  ready?: boolean;
  reason?: string;
  as_of?: string;
  projection?: string;
  reporting_currency?: string;
  time_zone?: string;
  shards_error?: string;
  shards?: { partition: number; next_offset?: number; stream_time?: string; stored_at?: string }[];
  topics?: Record<string, number[]>;
}
