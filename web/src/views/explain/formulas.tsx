// The formula, and those that it reads, with their values put in.
import type { Explanation } from "../../api/explanation";
import { labelOf, useCatalog } from "../../format/catalog";
import { t } from "../../texts/texts";

export function Formulas({ explanation }: { explanation: Explanation }) {
  const catalog = useCatalog();
  // The number's own stands last in the document, and is what one looks for first.
  const formulas = [...explanation.formulas].reverse();
  return (
    <details className="why-formulas">
      <summary>{t("why.formula")}</summary>
      {formulas.map((formula) => (
        <dl key={formula.id}>
          <dt>{labelOf(catalog.kpi(formula.id) ?? { id: formula.id })}</dt>
          <dd><code>{formula.formula}</code></dd>
          <dd><code>= {formula.with_values}</code></dd>
          {formula.with_values_since && formula.with_values_since !== formula.with_values && (
            <dd className="muted">{t("why.then")} <code>{formula.with_values_since}</code></dd>
          )}
        </dl>
      ))}
    </details>
  );
}
