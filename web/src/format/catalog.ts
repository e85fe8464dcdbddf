// What the numbers are: the catalogue of the gateway, by id.
import { get } from "../api/client";
import type { CatalogAlert, CatalogDocument, KpiShape } from "../api/types";
import { Store, useStore } from "../base/store";
import { said } from "../texts/language";

export class Catalog {
  private readonly ofAccounts = new Map<string, KpiShape>();
  private readonly ofGroups = new Map<string, KpiShape>();
  private readonly alerts = new Map<string, CatalogAlert>();

  constructor(readonly document: CatalogDocument) {
    for (const kpi of document.kpis) {
      this.ofAccounts.set(kpi.id, kpi);
      if (kpi.group) this.ofGroups.set(kpi.group.id, kpi.group);
    }
    for (const alert of document.alerts) this.alerts.set(alert.id, alert);
  }

  get currency(): string {
    return this.document.reporting_currency;
  }

  /** undefined: accounts have no such KPI. */
  kpi(id: string): KpiShape | undefined {
    return this.ofAccounts.get(id);
  }

  groupKpi(id: string): KpiShape | undefined {
    return this.ofGroups.get(id);
  }

  /** The one that groups have of an account's KPI, which may have another name; undefined: there is none. */
  groupKpiOf(id: string): KpiShape | undefined {
    return this.document.kpis.find((kpi) => kpi.id === id)?.group;
  }

  accountKpis(): KpiShape[] {
    return this.document.kpis;
  }

  alert(id: string): CatalogAlert | undefined {
    return this.alerts.get(id);
  }
}

export const labelOf = (shape: { id: string; label?: KpiShape["label"] }): string => said(shape.label, shape.id);

const catalog = new Store<Catalog | null>(null);

export async function loadCatalog(): Promise<void> {
  catalog.set(new Catalog(await get<CatalogDocument>("/v1/catalog")));
}

/** The catalogue; the page shows no view before it is there. */
export function useCatalog(): Catalog {
  const present = useStore(catalog);
  if (present === null) throw new Error("a view before the catalogue");
  return present;
}
