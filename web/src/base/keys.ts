// Keys that work wherever the user is, but for fields that are written into.
import { useEffect } from "react";
import type { TextKey } from "../texts/texts";

export interface Shortcut {
  key: string; // of KeyboardEvent
  does: TextKey;
  run: () => void;
}

const shortcuts = new Map<string, Shortcut>();

/** What there is at the moment, for the list that `?` shows. */
export function presentShortcuts(): Shortcut[] {
  return [...shortcuts.values()];
}

function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName));
}

addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return;
  if (document.querySelector("dialog[open]") !== null) return;
  const shortcut = shortcuts.get(event.key);
  if (shortcut === undefined) return;
  event.preventDefault();
  shortcut.run();
});

export function useShortcut(key: string, does: TextKey, run: () => void): void {
  useEffect(() => {
    const shortcut = { key, does, run };
    shortcuts.set(key, shortcut);
    return () => {
      if (shortcuts.get(key) === shortcut) shortcuts.delete(key);
    };
  });
}
