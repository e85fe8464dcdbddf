// Who looks: with a session's cookie, with a token in memory, or anybody, where the gateway asks for none.
import { Store } from "../base/store";
import { ApiError, get, post, remove, setToken, whenUnauthorized } from "./client";

export interface Who {
  name?: string;
  roles?: string[];
  groups?: string[];
}

export type Session =
  | { state: "unknown" }
  | { state: "signed-out" } // a token is asked for
  | { state: "signed-in"; who: Who };

export const session = new Store<Session>({ state: "unknown" });

whenUnauthorized(() => {
  setToken(null);
  session.set({ state: "signed-out" });
});

/** Asks the gateway who this is. ApiError: it does not answer. */
export async function recognize(): Promise<void> {
  try {
    session.set({ state: "signed-in", who: await get<Who>("/v1/session") });
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return; // it was told: signed out
    if (!(error instanceof ApiError && error.status === 404)) throw error;
    session.set({ state: "signed-in", who: {} }); // a gateway without sessions
  }
}

/** From then on the token is in a cookie that scripts cannot read. ApiError(401): it is not known. */
export async function signIn(token: string): Promise<void> {
  setToken(token);
  try {
    await post("/v1/session");
  } finally {
    setToken(null);
  }
  await recognize();
}

export async function signOut(): Promise<void> {
  setToken(null);
  await remove("/v1/session");
  session.set({ state: "signed-out" });
}
