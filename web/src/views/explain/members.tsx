// The accounts of a group with their shares of a part; each share can be asked why in turn.
import type { ExplainedComponent } from "../../api/explanation";
import { useCatalog } from "../../format/catalog";
import { addressOfWhy } from "../../routing/addresses";
import { Link } from "../../routing/link";
import { t } from "../../texts/texts";
import { restsOf } from "./amounts";
import { componentText } from "./component";
import { MoreLines } from "./more_lines";
import type { Asked } from "./explain";

export function Members({ component, asked }: { component: ExplainedComponent; asked: Asked }) {
  const catalog = useCatalog();
  const members = component.members ?? [];
  const [rest] = restsOf(component);
  const compared = component.since !== undefined;
  const text = (amount: number | string | undefined) =>
    componentText(component, amount === undefined ? undefined : Number(amount), catalog.currency);
  // The group's KPI may have a name that accounts have none of.
  const isKpi = catalog.kpi(asked.kpi) !== undefined;
  return (
    <>
      <table className="lines">
        <thead>
          <tr>
            <th scope="col">{t("account.id")}</th>
            {compared && <th scope="col" className="numeric">{t("why.then")}</th>}
            <th scope="col" className="numeric">{t("why.amount")}</th>
          </tr>
        </thead>
        <tbody>
          {members.map((member) => (
            <tr key={member.account_id}>
              <td>
                {isKpi ? (
                  <Link href={addressOfWhy("account", member.account_id, asked.kpi)}>{member.name || member.account_id}</Link>
                ) : (
                  member.name || member.account_id
                )}
              </td>
              {compared && <td className="numeric">{text(member.amount_since)}</td>}
              <td className="numeric">{text(member.amount)}</td>
            </tr>
          ))}
          {rest && (
            <tr>
              <td className="muted">{t("why.rest", { n: rest.count })}</td>
              {compared && <td className="numeric">{text(rest.amount_since)}</td>}
              <td className="numeric">{text(rest.amount)}</td>
            </tr>
          )}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">{t("why.sum")}</th>
            {compared && <td className="numeric">{text(component.since?.value)}</td>}
            <td className="numeric">{text(component.value)}</td>
          </tr>
        </tfoot>
      </table>
      {rest && <MoreLines lines={asked.lines} />}
    </>
  );
}
