// An event to its last member: which one, from where, when, and as it was sent.
import { get } from "../api/client";
import type { EventOrigin } from "../api/explanation";
import { useQuery } from "../api/use_query";
import { formatInstant } from "../format/dates";
import { t } from "../texts/texts";
import { Failure } from "./notice";

/** The whole event, with all that was sent under its id. */
function EventDocument({ account, id }: { account: string; id: string }) {
  const query = useQuery(`event ${account} ${id}`, (signal) =>
    get<unknown>(`/v1/accounts/${encodeURIComponent(account)}/events/${encodeURIComponent(id)}`, {}, signal),
  );
  if (query.error) return <Failure error={query.error} />;
  return <pre tabIndex={0}>{query.data === undefined ? t("loading") : JSON.stringify(query.data, null, 2)}</pre>;
}

export function EventDetails({ event, account }: { event: EventOrigin; account: string }) {
  const facts: [string, string][] = [
    [t("event.id"), event.revision ? t("event.revision", { id: event.event_id, revision: event.revision }) : event.event_id],
    [t("event.occurred"), formatInstant(event.occurred_at)],
    [t("event.recorded"), formatInstant(event.recorded_at)],
    ...(event.source ? [[t("event.source"), event.source] as [string, string]] : []),
  ];
  return (
    <div className="event-details">
      <dl className="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <EventDocument account={account} id={event.event_id} />
    </div>
  );
}
