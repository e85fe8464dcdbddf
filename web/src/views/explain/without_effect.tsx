// Events of the same kinds that change nothing: struck through, each with the reason.
import type { Explanation } from "../../api/explanation";
import { formatDay } from "../../format/dates";
import { eventName, reasonName } from "../../texts/domain";
import { t } from "../../texts/texts";

export function WithoutEffect({ explanation }: { explanation: Explanation }) {
  const events = explanation.without_effect ?? [];
  const rest = explanation.without_effect_rest ?? 0;
  if (events.length === 0) return null;
  return (
    <details>
      <summary>{t("why.without_effect", { n: events.length + rest })}</summary>
      <ul className="left-out">
        {events.map(({ event, reason }) => (
          <li key={event.event_id}>
            <s>{formatDay(event.occurred_at.slice(0, 10))} {eventName(event.type)} {event.entity.id}</s>
            <span className="muted"> {reasonName(reason)}</span>
          </li>
        ))}
      </ul>
      {rest > 0 && <p className="muted">{t("why.rest_events", { n: rest })}</p>}
    </details>
  );
}
