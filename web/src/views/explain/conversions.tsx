// What came in other currencies, by month, with its rate.
import type { ExplainedComponent } from "../../api/explanation";
import { useCatalog } from "../../format/catalog";
import { formatMonth } from "../../format/dates";
import { formatNumber } from "../../format/number";
import { t } from "../../texts/texts";
import { formatAmount } from "./amounts";

export function Conversions({ component }: { component: ExplainedComponent }) {
  const { currency } = useCatalog();
  if (!component.conversions?.length) return null;
  return (
    <table className="lines">
      <caption>{t("why.conversions")}</caption>
      <thead>
        <tr>
          <th scope="col">{t("why.month")}</th>
          <th scope="col" className="numeric">{t("why.amount")}</th>
          <th scope="col" className="numeric">{t("why.rate")}</th>
          <th scope="col" className="numeric">{t("why.converted")}</th>
        </tr>
      </thead>
      <tbody>
        {component.conversions.map((conversion) => (
          <tr key={conversion.currency + conversion.month}>
            <td>{formatMonth(`${conversion.month}-01`)}</td>
            <td className="numeric">{formatAmount(conversion.amount, conversion.currency)}</td>
            <td className="numeric">
              {conversion.rate === undefined ? t("why.no_rate") : formatNumber(conversion.rate, 6, 0)}
            </td>
            <td className="numeric">{conversion.converted === undefined ? "–" : formatAmount(conversion.converted, currency)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
