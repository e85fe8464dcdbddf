// The themes that people look for numbers under. What the catalogue has beyond these is "other".

const IDS = {
  growth:
    "customers key_accounts revenue_t12m revenue_growth revenue_ytd revenue_growth_ytd revenue_qtd revenue_mtd bookings_t12m book_to_bill " +
    "cross_and_up_sell_share cross_sell_share up_sell_share bundle_share net_revenue_retention gross_revenue_retention " +
    "retention_rate churn_rate",
  margin:
    "contribution_margin contribution_margin_ratio contribution_margin_2 contribution_margin_2_ratio clv_historic " +
    "clv_predicted acquisition_cost_ratio selection_score",
  plan:
    "plan_attainment plan_progress plan_margin_headroom plan_on_track initiatives_active initiatives_completed_t12m",
  relationship:
    "health_score at_risk accounts_at_risk nps csat csat_average meetings_t90d executive_reviews_t12m reviews_missing " +
    "stakeholder_coverage risks_open risks_severe",
  service:
    "escalations_open escalations_severe_open escalation_age_days time_to_resolution_hours time_to_resolution_p50_hours " +
    "time_to_resolution_p90_hours time_to_acknowledge_hours reopen_rate on_time_delivery",
  pipeline:
    "pipeline_open pipeline_weighted pipeline_coverage pipeline_coverage_weighted win_rate win_rate_value " +
    "sales_cycle_days pipeline_velocity slippage_rate pipeline_overdue_share quote_conversion quotes_open_amount " +
    "forecast_accuracy forecast_bias forecast_mape",
  contracts: "contract_value_active contracts_due_90d contract_value_due_90d renewal_rate",
};

export type Theme = keyof typeof IDS | "other";

export interface ThemedShapes<Shape> {
  theme: Theme;
  shapes: Shape[];
}

/** The shapes under their themes, in the order in which people look for them; no theme is empty. */
export function byTheme<Shape extends { id: string }>(shapes: readonly Shape[]): ThemedShapes<Shape>[] {
  const left = new Map(shapes.map((shape) => [shape.id, shape]));
  const themed: ThemedShapes<Shape>[] = Object.entries(IDS).map(([theme, ids]) => ({
    theme: theme as Theme,
    shapes: ids.split(" ").flatMap((id) => {
      const shape = left.get(id);
      left.delete(id);
      return shape === undefined ? [] : [shape];
    }),
  }));
  themed.push({ theme: "other", shapes: [...left.values()] });
  return themed.filter(({ shapes: those }) => those.length > 0);
}
