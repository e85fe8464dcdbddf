// Light, dark, or as the system has it.
import { recall, remember } from "./remembered";
import { Store } from "./store";

export type Theme = "system" | "light" | "dark";

function recalled(): Theme {
  const name = recall("theme");
  return name === "light" || name === "dark" ? name : "system";
}

export const theme = new Store<Theme>(recalled());

function show(): void {
  document.documentElement.dataset["theme"] = theme.get();
}

theme.subscribe(show);
show();

export function chooseTheme(chosen: Theme): void {
  remember("theme", chosen);
  theme.set(chosen);
}
