// What is open of an account: contracts in force, opportunities, escalations, what was promised and planned.
import { get } from "../../api/client";
import type { OpenList as OpenDocument, OpenThing } from "../../api/open";
import { useQuery } from "../../api/use_query";
import { daysBetween, formatDay } from "../../format/dates";
import { exactAmount, openFacts, openName, shortAmount } from "../../format/open";
import type { Row } from "../../live/rows";
import { Empty, Failure, Loading } from "../../parts/notice";
import { t } from "../../texts/texts";

const SOON_DAYS = 30;

function DueDay({ thing, today }: { thing: OpenThing; today: string }) {
  if (thing.due === undefined) return <td className="then" data-label={t("open.due")}>–</td>;
  const left = daysBetween(today, thing.due);
  const note = thing.overdue ? t("open.overdue", { n: -left }) : left <= SOON_DAYS ? t("open.left", { n: left }) : "";
  return (
    <td className="day then" data-label={t("open.due")}>
      {formatDay(thing.due)}
      {note !== "" && <span className={thing.overdue ? "open-late" : "muted"}> · {note}</span>}
    </td>
  );
}

function Line({ thing, today }: { thing: OpenThing; today: string }) {
  return (
    <tr>
      <th scope="row">{openName(thing)} <span className="muted">{thing.id}</span></th>
      <td className="whole then">{openFacts(thing).join(" · ")}</td>
      <td className="day then" data-label={t("open.since")}>{formatDay(thing.since)}</td>
      <DueDay thing={thing} today={today} />
      <td className="numeric end" data-tip={thing.amount && exactAmount(thing.amount)}>{thing.amount ? shortAmount(thing.amount) : "–"}</td>
    </tr>
  );
}

export function OpenList({ row }: { row: Row }) {
  // Each change of the account may have opened or closed something.
  const query = useQuery(`open ${row.id} ${row.source_offset}`, (signal) =>
    get<OpenDocument>(`/v1/accounts/${encodeURIComponent(row.id)}/open`, {}, signal),
  );
  const open = query.data?.open ?? [];
  return (
    <section className="panel" aria-labelledby="open">
      <h2 id="open">{t("open.title")}{query.data && ` (${open.length})`}</h2>
      {query.error && <Failure error={query.error} />}
      {!query.data && !query.error && <Loading />}
      {query.data && open.length === 0 && <Empty>{t("open.none")}</Empty>}
      {open.length > 0 && (
        <div className="scroll" tabIndex={0} role="group" aria-labelledby="open">
          <table className="lines stacked">
            <thead>
              <tr>
                <th scope="col">{t("open.what")}</th>
                <th scope="col">{t("open.facts")}</th>
                <th scope="col">{t("open.since")}</th>
                <th scope="col">{t("open.due")}</th>
                <th scope="col" className="numeric">{t("why.amount")}</th>
              </tr>
            </thead>
            <tbody>
              {open.map((thing) => <Line key={`${thing.kind} ${thing.id}`} thing={thing} today={query.data!.as_of} />)}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
