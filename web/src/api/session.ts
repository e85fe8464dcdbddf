// Who looks: with a session's cookie, by a proxy that knows, or anybody, where the gateway asks for no token.
import { Store } from "../base/store";
import { ApiError, get, post, remove, setToken, whenUnauthorized } from "./client";

export interface Who {
  signed_in_by: "cookie" | "token" | "proxy" | "nothing";
  name: string;
  roles: string[];
  groups: string[];
}

export type Session =
  | { state: "unknown" }
  | { state: "signed-out" } // a token is asked for
  | { state: "signed-in"; who: Who };

export const session = new Store<Session>({ state: "unknown" });

/** Where nobody is asked for tokens, everybody is one. */
export function isAdministrator(now: Session): boolean {
  return now.state === "signed-in" && now.who.roles.includes("admin");
}

whenUnauthorized(() => {
  setToken(null);
  session.set({ state: "signed-out" });
});

/** Asks the gateway who this is. ApiError: it does not answer. */
export async function recognize(): Promise<void> {
  try {
    session.set({ state: "signed-in", who: await get<Who>("/v1/session") });
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 401)) throw error; // else it was told: signed out
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
  await remove("/v1/session");
  session.set({ state: "signed-out" });
}
