// What this browser remembers of its user: choices, never data of accounts and never a token.

const PREFIX = "keyfold.";

/** What was remembered; null: nothing, or the browser keeps nothing. */
export function recall(name: string): string | null {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null; // private windows may refuse
  }
}

export function remember(name: string, value: string): void {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // The choice holds for this visit.
  }
}
