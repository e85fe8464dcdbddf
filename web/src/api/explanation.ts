// The document that says why a number is what it is (docs/formats.md, "Explanations").

/** An integer; beyond 64 bits its digits. */
export type Amount = number | string;

export interface EventOrigin {
  entity: { kind: string; id?: string };
  event_id: string;
  type: string;
  revision?: number;
  occurred_at: string;
  recorded_at: string;
  source?: string;
  partition?: number;
  offset?: number;
}

export type Presence = "stays" | "came" | "left";

export interface Contribution {
  day: string;
  amount: Amount;
  currency?: string;
  bin?: number;
  change?: "came" | "left" | "moved";
  moved?: "came" | "left";
  event: EventOrigin;
}

export interface Rest {
  count: number;
  amount: Amount;
  currency?: string;
  change?: Presence;
  amount_since?: Amount;
}

export interface Member {
  account_id: string;
  name?: string;
  amount?: Amount;
  amount_since?: Amount;
}

export interface Conversion {
  currency: string;
  month: string;
  amount: Amount;
  rate?: number;
  converted?: Amount;
}

export interface ExplainedComponent {
  name: string;
  formula?: string;
  measure?: string;
  window?: string;
  rule?: string;
  unit?: string; // "minor": amounts are money
  from?: string;
  to?: string;
  value?: number;
  incomplete?: boolean;
  conversions?: Conversion[];
  since?: { from?: string; to?: string; value?: number; incomplete?: boolean; conversions?: Conversion[] };
  members?: Member[];
  contributions?: Contribution[];
  rest?: Rest | Rest[];
}

export interface ExplainedFormula {
  id: string;
  formula: string;
  with_values: string;
  value?: number;
  with_values_since?: string;
  value_since?: number;
}

export interface Explanation {
  account_id?: string;
  group_id?: string;
  kpi: string;
  unit: string;
  as_of: string;
  since?: string;
  value?: number;
  value_since?: number;
  accounts?: number;
  formulas: ExplainedFormula[];
  components: ExplainedComponent[];
  missing_rates?: string[];
  without_effect?: { reason: string; event: EventOrigin }[];
  without_effect_rest?: number;
}
