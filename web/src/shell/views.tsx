// The views, by their addresses. A new one is a line here and a folder in views/.
import type { ReactElement } from "react";
import type { TextKey } from "../texts/texts";
import { Alerts } from "../views/alerts/alerts";
import { Compare } from "../views/compare/compare";
import { Definitions } from "../views/definitions/definitions";
import { Status } from "../views/status/status";
import { Account } from "../views/account/account";
import { Portfolio } from "../views/portfolio/portfolio";
import { Tokens } from "../views/tokens/tokens";

export interface View {
  path: string; // "/accounts/{}": {} is any one segment
  title?: TextKey; // in the navigation; without, it is not there
  role?: string; // who sees it there
  show: (segment: string) => ReactElement;
}

export const VIEWS: readonly View[] = [
  { path: "/", title: "portfolio.title", show: () => <Portfolio /> },
  { path: "/alerts", title: "alerts.title", show: () => <Alerts /> },
  { path: "/compare", title: "compare.title", show: () => <Compare /> },
  { path: "/definitions", title: "definitions.title", show: () => <Definitions /> },
  { path: "/status", title: "status.title", show: () => <Status /> },
  { path: "/tokens", title: "tokens.title", role: "admin", show: () => <Tokens /> },
  { path: "/accounts/{}", show: (id) => <Account key={id} id={id} /> },
];

/** The view of an address; undefined: there is none. */
export function viewOf(path: string): ReactElement | undefined {
  for (const view of VIEWS) {
    const pattern = view.path.split("/");
    const segments = path.split("/");
    if (pattern.length !== segments.length) continue;
    let variable = "";
    const fits = pattern.every((part, at) => {
      if (part !== "{}") return part === segments[at];
      variable = decodeURIComponent(segments[at] ?? "");
      return variable !== "";
    });
    if (fits) return view.show(variable);
  }
  return undefined;
}
