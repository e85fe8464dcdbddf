// Requests to the gateway that served the page. The token of a visit is in memory only; a session's cookie is none of the
// page's business, the browser sends it.

export class ApiError extends Error {
  constructor(
    readonly status: number, // of HTTP; 0: there was no answer
    message: string,
  ) {
    super(message);
  }
}

/** Values of parameters; what is empty is left out, a list is joined by commas. */
export type Parameters = Record<string, string | number | boolean | readonly string[] | undefined | null>;

let token: string | null = null;
let onUnauthorized: () => void = () => undefined;

export function setToken(value: string | null): void {
  token = value;
}

/** Called whenever the gateway asks who this is. */
export function whenUnauthorized(callback: () => void): void {
  onUnauthorized = callback;
}

export function pathOf(path: string, parameters: Parameters = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined || value === null || value === "") continue;
    if (typeof value === "object") {
      if (value.length > 0) query.set(name, value.join(","));
    } else {
      query.set(name, String(value));
    }
  }
  const text = query.toString();
  return text === "" ? path : `${path}?${text}`;
}

/** "/v1/accounts/A%201" of ("v1", "accounts", "A 1"). */
export function pathTo(...segments: string[]): string {
  return segments.map((segment) => "/" + encodeURIComponent(segment)).join("");
}

/** The answer's head, whatever its status. ApiError(0): there is none. */
export async function send(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  if (token !== null) headers.set("Authorization", `Bearer ${token}`);
  try {
    return await fetch(path, { ...init, headers, credentials: "same-origin" });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new ApiError(0, error instanceof Error ? error.message : String(error));
  }
}

/** What went wrong, in the gateway's words. */
export async function errorOf(response: Response): Promise<ApiError> {
  let message = `${response.status} ${response.statusText}`;
  try {
    const document = (await response.json()) as { error?: string } | null;
    message = document?.error ?? message;
  } catch {
    // It was no document: the status says what there is to say.
  }
  return new ApiError(response.status, message);
}

async function request<T>(path: string, init: RequestInit): Promise<T> {
  const response = await send(path, init);
  if (response.status === 401) onUnauthorized();
  if (!response.ok) throw await errorOf(response);
  const text = await response.text();
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

export function get<T>(path: string, parameters: Parameters = {}, signal?: AbortSignal): Promise<T> {
  return request<T>(pathOf(path, parameters), { signal });
}

export function post<T>(path: string, body?: unknown): Promise<T> {
  if (body === undefined) return request<T>(path, { method: "POST" });
  const headers = { "Content-Type": "application/json" };
  return request<T>(path, { method: "POST", body: JSON.stringify(body), headers });
}

export function remove(path: string): Promise<void> {
  return request<void>(path, { method: "DELETE" });
}

/** All pages of a list, the later ones with 1,000 rows each; `onPage` may stop it by returning false. */
export async function eachPage<Page extends { next_cursor?: string }>(
  path: string,
  parameters: Parameters,
  onPage: (page: Page) => boolean | void,
  signal?: AbortSignal,
): Promise<void> {
  let cursor: string | undefined;
  do {
    const page: Page = await get<Page>(path, { limit: 1000, ...parameters, cursor }, signal);
    if (onPage(page) === false) return;
    cursor = page.next_cursor;
  } while (cursor !== undefined);
}
