// What falls due of a group's accounts in the weeks to come, the next first.
import { useState } from "react";
import { get } from "../../api/client";
import type { DuePage, DueThing } from "../../api/open";
import { useQuery } from "../../api/use_query";
import { formatDay } from "../../format/dates";
import { dueName, exactAmount, openFacts, shortAmount } from "../../format/open";
import { Empty, Failure, Loading } from "../../parts/notice";
import { addressOfAccount } from "../../routing/addresses";
import { Link } from "../../routing/link";
import { change, usePlace } from "../../routing/router";
import { entityName } from "../../texts/domain";
import { t } from "../../texts/texts";

const KINDS = ["contract", "meeting", "opportunity", "quote", "order"] as const;
const UNASKED = "contract,meeting,opportunity"; // without what comes every day
const SHOWN = 7;
const READ_MAX = 200;

function Line({ thing }: { thing: DueThing }) {
  const facts = openFacts(thing);
  return (
    <li className="concern">
      <time className="day" dateTime={thing.due}>{formatDay(thing.due)}</time>
      <span className="concern-text">
        <Link href={addressOfAccount(thing.account_id)}>{thing.name || thing.account_id}</Link> {dueName(thing)}
        {facts.length > 0 && <span className="muted"> · {facts.join(" · ")}</span>}
      </span>
      {thing.amount && <span className="concern-amount numeric" data-tip={exactAmount(thing.amount)}>{shortAmount(thing.amount)}</span>}
    </li>
  );
}

function KindChoice({ kind }: { kind: string }) {
  return (
    <select aria-label={t("due.kind")} value={kind} onChange={(event) => change({ due: event.target.value }, { replace: true })}>
      <option value="">{t("due.important")}</option>
      {KINDS.map((one) => <option key={one} value={one}>{entityName(one)}</option>)}
      <option value={KINDS.join()}>{t("due.all")}</option>
    </select>
  );
}

export function Due({ group }: { group: string }) {
  const kind = usePlace().query.get("due") ?? "";
  const [all, setAll] = useState(false);
  const asked = { group, kind: kind || UNASKED, limit: READ_MAX };
  const query = useQuery(`due ${JSON.stringify(asked)}`, (signal) => get<DuePage>("/v1/due", asked, signal), 1);
  const due = query.data?.due ?? [];
  const shown = all ? due : due.slice(0, SHOWN);
  return (
    <section className="panel" aria-labelledby="due">
      <div className="bar">
        <h2 id="due">
          {t("due.title")}
          {query.data && <span className="muted"> · {t("due.until", { date: formatDay(query.data.to) })}</span>}
        </h2>
        <KindChoice kind={kind} />
      </div>
      {query.error && <Failure error={query.error} />}
      {!query.data && !query.error && <Loading />}
      {query.data && due.length === 0 && <Empty>{t("due.none")}</Empty>}
      <ul className="concerns">
        {shown.map((thing) => <Line key={`${thing.account_id} ${thing.kind} ${thing.id} ${thing.due}`} thing={thing} />)}
      </ul>
      {due.length > SHOWN && (
        <button type="button" className="link" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? t("due.fewer") : t("due.more", { n: due.length - SHOWN })}
        </button>
      )}
      {all && query.data?.next_cursor && <p className="muted">{t("due.cut", { n: due.length })}</p>}
    </section>
  );
}
