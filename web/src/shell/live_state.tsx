// How fresh what is shown is: live, or why not.
import { useEffect, useState } from "react";
import { announce } from "../base/announce";
import { useStore } from "../base/store";
import { age } from "../format/dates";
import { lastChange, streamState } from "../live/live";
import { t } from "../texts/texts";

const LOOK_MS = 1_000;

/** The present time, a second at a time, while somebody looks. */
function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) setNow(Date.now());
    }, LOOK_MS);
    return () => clearInterval(timer);
  }, []);
  return now;
}

export function LiveState() {
  const state = useStore(streamState);
  const changed = useStore(lastChange);
  const now = useNow();
  const word = t(`live.${state}`);
  useEffect(() => {
    if (state === "reconnecting" || state === "offline" || state === "refused") announce(word);
  }, [state, word]);
  if (state === "idle") return null;
  return (
    <span className={`live live-${state}`} data-tip={t(`live.${state}.tip`)} tabIndex={0}>
      <span className="live-dot" aria-hidden="true" />
      {word}
      {state === "live" && changed !== null && <span className="live-age"> {age(changed, now)}</span>}
    </span>
  );
}
