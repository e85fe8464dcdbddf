// Who the account is: name, tier, who cares for it, what it belongs to, and of when its values are.
import type { AccountAttributes } from "../../api/types";
import { formatDay, formatInstant } from "../../format/dates";
import type { Row } from "../../live/rows";
import { addressOfGroup } from "../../routing/addresses";
import { Link } from "../../routing/link";
import { valueName } from "../../texts/domain";
import { useAccountName } from "../../parts/names";
import { t } from "../../texts/texts";

const SHOWN = [
  { name: "manager_id", prefix: "manager:" },
  { name: "parent_id", prefix: "parent:" },
  { name: "segment", prefix: "segment:" },
  { name: "region", prefix: "region:" },
  { name: "industry", prefix: "industry:" },
] as const;

function standing({ customer, key_account: key }: AccountAttributes): string {
  return key ? t("attribute.key_account") : customer ? t("attribute.customer") : t("account.no_customer");
}

export function AccountHeader({ row }: { row: Row }) {
  const attributes = row.attributes ?? {};
  const parent = useAccountName(attributes.parent_id ?? "");
  const shown = SHOWN.filter(({ name }) => attributes[name]);
  return (
    <header className="account-header">
      <div className="account-name">
        <h1>{attributes.name || row.id}</h1>
        {attributes.tier && <span className="badge">{valueName(attributes.tier)}</span>}
        <span className="badge">{standing(attributes)}</span>
        <button type="button" className="no-print" onClick={() => print()}>{t("account.print")}</button>
      </div>
      <dl className="account-facts">
        {attributes.name && <div><dt>{t("account.id")}</dt><dd>{row.id}</dd></div>}
        {shown.map(({ name, prefix }) => (
          <div key={name}>
            <dt>{t(`attribute.${name}`)}</dt>
            <dd><Link href={addressOfGroup(prefix + attributes[name])}>{name === "parent_id" ? parent : attributes[name]}</Link></dd>
          </div>
        ))}
        <div>
          <dt>{t("account.as_of")}</dt>
          <dd>
            {formatDay(row.as_of)}
            {row.recorded_at && <span className="muted"> · {t("account.changed", { instant: formatInstant(row.recorded_at) })}</span>}
          </dd>
        </div>
      </dl>
      {row.cause === "DEFINITION" && <p className="failure">{t("account.definition")}</p>}
    </header>
  );
}
