// When lists of alerts are to be read again: when the stream tells that one was raised or cleared.
import { useEffect, useState } from "react";
import { useStore } from "../base/store";
import { alertChanges, useInterest } from "./live";
import type { Interest } from "./interest";

const PAUSE_MS = 300; // several that come at once are one look

const FEW = ["customers"]; // no KPI at all would ask for every one

/** A number that rises when alerts of these accounts or groups may be others than before. */
export function useAlertsRound(of: Pick<Interest, "accounts" | "groups" | "membersOf">): number {
  useInterest({ ...of, kpis: FEW, alerts: true });
  const changes = useStore(alertChanges);
  const [round, setRound] = useState(changes);
  const behind = changes !== round; // further changes do not put off the look
  useEffect(() => {
    if (!behind) return;
    const timer = setTimeout(() => setRound(alertChanges.get()), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [behind]);
  return round;
}
