// An event as a row that opens: which one, from where, and as it was sent.
import { useState } from "react";
import type { EventOrigin } from "../../api/explanation";
import { EventDetails } from "../../parts/event_details";
import { entityText, eventName } from "../../texts/domain";
import { t } from "../../texts/texts";

interface Properties {
  event: EventOrigin;
  account: string;
  day: string;
  amount: string;
  change?: "came" | "left" | "moved" | undefined;
}

export function EventRow({ event, account, day, amount, change }: Properties) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <tr>
        <td className="day">{day}</td>
        <td>
          <button type="button" className="link" aria-expanded={open} onClick={() => setOpen(!open)}>{eventName(event.type)}</button>{" "}
          <span className="muted">{entityText(event)}</span>
          {change && <span className={`badge change-${change}`}>{t(`why.change.${change}`)}</span>}
        </td>
        <td className="numeric">{amount}</td>
      </tr>
      {open && (
        <tr>
          <td colSpan={3}><EventDetails event={event} account={account} /></td>
        </tr>
      )}
    </>
  );
}
