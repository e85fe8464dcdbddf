// When to look again at what nobody tells of.
import { useEffect, useState } from "react";

const LOOK_MS = 5_000;

/** A number that rises every few seconds while somebody looks, and the means to let it rise at once. */
export function useRound(): [number, () => void] {
  const [round, setRound] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) setRound((count) => count + 1);
    }, LOOK_MS);
    return () => clearInterval(timer);
  }, []);
  return [round, () => setRound((count) => count + 1)];
}
