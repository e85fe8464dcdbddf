// What stands above every view: where one can go, the search, how fresh it is, language and theme.
import { signOut, type Who } from "../api/session";
import { useShortcut } from "../base/keys";
import { useStore } from "../base/store";
import { chooseTheme, theme, type Theme } from "../base/theme";
import { Link } from "../routing/link";
import { go, usePlace } from "../routing/router";
import { choose, language } from "../texts/language";
import { t } from "../texts/texts";
import { LiveState } from "./live_state";
import { Search } from "./search";
import { VIEWS } from "./views";

const THEMES: Record<Theme, { next: Theme; sign: string }> = {
  system: { next: "light", sign: "◐" },
  light: { next: "dark", sign: "☀" },
  dark: { next: "system", sign: "☾" },
};

function Language() {
  const other = language.get() === "de" ? "en" : "de";
  return (
    <button type="button" className="quiet" lang={other} onClick={() => choose(other)} aria-label={t("language.other")}>
      {other.toUpperCase()}
    </button>
  );
}

function ThemeChoice() {
  const chosen = useStore(theme);
  return (
    <button type="button" className="quiet" onClick={() => chooseTheme(THEMES[chosen].next)}
      aria-label={t(`theme.${chosen}`)} data-tip={t(`theme.${chosen}`)}>
      {THEMES[chosen].sign}
    </button>
  );
}

export function Header({ who, onKeys }: { who: Who; onKeys: () => void }) {
  const { path } = usePlace();
  // Where nobody is asked for tokens there are none.
  const has = (role: string) => who.signed_in_by !== "nothing" && who.roles.includes(role);
  const views = VIEWS.filter((view) => view.title !== undefined && (view.role === undefined || has(view.role)));
  useShortcut("p", "keys.portfolio", () => go("/"));
  useShortcut("?", "keys.list", onKeys);
  return (
    <header className="top">
      <Link className="brand" href="/">Keyfold</Link>
      <nav aria-label={t("navigation")}>
        {views.map((view) => (
          <Link key={view.path} href={view.path} aria-current={view.path === path ? "page" : undefined}>
            {t(view.title!)}
          </Link>
        ))}
      </nav>
      <Search />
      <div className="top-end">
        <LiveState />
        <Language />
        <ThemeChoice />
        <button type="button" className="quiet" onClick={onKeys} aria-label={t("keys.title")} data-tip={t("keys.title")}>?</button>
        {who.signed_in_by === "proxy" && <span className="muted">{who.name}</span>}
        {who.signed_in_by === "cookie" && (
          <button type="button" className="quiet" onClick={() => void signOut()} data-tip={t("sign_out.tip", { name: who.name })}>
            {t("sign_out")}
          </button>
        )}
      </div>
    </header>
  );
}
