// Where the user is: the address says all of it, so every view can be mailed, and back works.
import { Store, useStore } from "../base/store";

export interface Place {
  path: string;
  query: URLSearchParams;
}

function here(): Place {
  return { path: location.pathname, query: new URLSearchParams(location.search) };
}

const place = new Store<Place>(here());

addEventListener("popstate", () => place.set(here()));

export function usePlace(): Place {
  return useStore(place);
}

export function currentPlace(): Place {
  return place.get();
}

/** Goes there; `replace`: without a step that "back" would undo, as for every letter of a search. */
export function go(address: string, { replace = false } = {}): void {
  if (address === location.pathname + location.search) return;
  const leaves = new URL(address, location.href).pathname !== location.pathname;
  history[replace ? "replaceState" : "pushState"](null, "", address);
  place.set(here());
  if (leaves && !replace) scrollTo(0, 0);
}

export type Changes = Record<string, string | null>;

/** The address of a place with some parameters set, or taken out where they are null or empty. */
export function addressWith(changes: Changes, from: Place = place.get()): string {
  const query = new URLSearchParams(from.query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === "") query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  return text === "" ? from.path : `${from.path}?${text}`;
}

/** Changes parameters of the present address. */
export function change(changes: Changes, options?: { replace?: boolean }): void {
  go(addressWith(changes), options);
}
