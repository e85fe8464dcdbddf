// When lists of alerts are to be read again: soon after a change that may have raised or cleared one.
import { useEffect, useState } from "react";
import { rows } from "./rows";

const PAUSE_MS = 2_000; // an alert is published with the change that raises it; many changes are one look

/** A number that rises when alerts may be others than before. */
export function useAlertsRound(): number {
  const [round, setRound] = useState(0);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = rows.watch((ids) => {
      if (timer !== undefined || document.hidden) return;
      if (![...ids].some((id) => (rows.get(id)?.changes ?? 0) > 0)) return;
      timer = setTimeout(() => {
        timer = undefined;
        setRound((count) => count + 1);
      }, PAUSE_MS);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, []);
  return round;
}
