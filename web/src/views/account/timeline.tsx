// What has happened to an account, the latest first: by type, by period, each event to its whole; those without effect struck
// through, with the reason.
import { useState } from "react";
import { ApiError, get } from "../../api/client";
import type { EventPage, ListedEvent } from "../../api/events";
import { useQuery } from "../../api/use_query";
import { formatDay } from "../../format/dates";
import type { Row } from "../../live/rows";
import { Empty, Failure, Loading } from "../../parts/notice";
import { EventDetails } from "../../parts/event_details";
import { change, usePlace } from "../../routing/router";
import { entityText, EVENT_TYPES, eventName, reasonName } from "../../texts/domain";
import { t } from "../../texts/texts";
import { payloadText } from "./payload";

const PAGE = 50;

function Entry({ event, account }: { event: ListedEvent; account: string }) {
  const [open, setOpen] = useState(false);
  const reason = event.retracted ? t("timeline.retracted") : event.without_effect && reasonName(event.without_effect);
  const what = (
    <>
      {payloadText(event.payload)} <span className="muted">{entityText(event)}</span>
    </>
  );
  return (
    <li className="entry">
      <time className="day" dateTime={event.occurred_at}>{formatDay(event.occurred_at.slice(0, 10))}</time>
      <span className="entry-text">
        <button type="button" className="link" aria-expanded={open} onClick={() => setOpen(!open)}>{eventName(event.type)}</button>{" "}
        {reason === undefined ? what : <><s>{what}</s> <span className="entry-reason">{reason}</span></>}
        {open && <EventDetails event={event} account={account} />}
      </span>
    </li>
  );
}

function Filters({ query }: { query: URLSearchParams }) {
  return (
    <div className="bar">
      <label>
        {t("why.event")}{" "}
        <select value={query.get("type") ?? ""} onChange={(event) => change({ type: event.target.value }, { replace: true })}>
          <option value="">{t("filter.any")}</option>
          {EVENT_TYPES.map((type) => <option key={type} value={type}>{eventName(type)}</option>)}
        </select>
      </label>
      {(["from", "to"] as const).map((end) => (
        <label key={end}>
          {t(`timeline.${end}`)}{" "}
          <input type="date" value={query.get(end) ?? ""} onChange={(event) => change({ [end]: event.target.value }, { replace: true })} />
        </label>
      ))}
    </div>
  );
}

interface Later {
  key: string;
  events: ListedEvent[];
  cursor: string | undefined;
}

export function Timeline({ row }: { row: Row }) {
  const { query } = usePlace();
  const [later, setLater] = useState<Later>();
  const [problem, setProblem] = useState<ApiError>();
  const asked = { type: query.get("type"), from: query.get("from"), to: query.get("to"), limit: PAGE };
  const path = `/v1/accounts/${encodeURIComponent(row.id)}/events`;
  // Each change of the account may be an event more.
  const key = `${JSON.stringify(asked)} ${row.source_offset}`;
  const first = useQuery(`timeline ${row.id} ${key}`, (signal) => get<EventPage>(path, asked, signal));
  const more = later?.key === key ? later : undefined;
  const cursor = more ? more.cursor : first.data?.next_cursor;
  const readMore = () => {
    get<EventPage>(path, { ...asked, cursor }).then(
      (page) => setLater({ key, events: [...(more?.events ?? []), ...page.events], cursor: page.next_cursor }),
      (error: unknown) => setProblem(error instanceof ApiError ? error : new ApiError(0, String(error))),
    );
  };
  const events = [...(first.data?.events ?? []), ...(more?.events ?? [])];
  const error = first.error ?? problem;
  return (
    <section className="panel no-print" aria-labelledby="timeline">
      <h2 id="timeline">{t("timeline.title")}{first.data && <span className="muted"> · {t("why.events", { n: first.data.total })}</span>}</h2>
      <Filters query={query} />
      {error && <Failure error={error} />}
      {!first.data && !first.error && <Loading />}
      {first.data && events.length === 0 && <Empty>{t("timeline.empty")}</Empty>}
      <ol className="entries">
        {events.map((event) => <Entry key={`${event.event_id} ${event.entity.kind}`} event={event} account={row.id} />)}
      </ol>
      {cursor !== undefined && <button type="button" onClick={readMore}>{t("more")}</button>}
    </section>
  );
}
