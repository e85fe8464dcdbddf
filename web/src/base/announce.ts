// What a screen reader is told without moving the focus: politely, and no two things at once.
import { Store } from "./store";

export const announcement = new Store("");

let pending: ReturnType<typeof setTimeout> | undefined;

/** The last of several within a second is said. */
export function announce(text: string): void {
  clearTimeout(pending);
  pending = setTimeout(() => {
    announcement.set("");
    requestAnimationFrame(() => announcement.set(text)); // the same words again are a change, too
  }, 300);
}
