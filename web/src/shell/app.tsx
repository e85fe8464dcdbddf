// The page: who looks, what the numbers are, and the view that the address names.
import { Component, useCallback, useEffect, useState, type ReactNode } from "react";
import { ApiError } from "../api/client";
import { recognize, session } from "../api/session";
import { announcement } from "../base/announce";
import { useStore } from "../base/store";
import { loadCatalog } from "../format/catalog";
import { begin, pause } from "../live/live";
import { Failure, Loading } from "../parts/notice";
import { Tips } from "../parts/tips";
import { Link } from "../routing/link";
import { usePlace } from "../routing/router";
import { language } from "../texts/language";
import { t } from "../texts/texts";
import { Explain } from "../views/explain/explain";
import { Header } from "./header";
import { Keys } from "./keys";
import { SignIn } from "./sign_in";
import { viewOf } from "./views";

const AGAIN_MS = 3_000;

/** A fault in a view does not take the page away. */
class Guard extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };
  static getDerivedStateFromError = () => ({ failed: true });
  override render() {
    if (!this.state.failed) return this.props.children;
    return <p className="failure" role="alert">{t("error.view")}</p>;
  }
}

function Announcements() {
  return <div className="hidden" aria-live="polite">{useStore(announcement)}</div>;
}

function NoView() {
  return <p className="empty">{t("no_view")} <Link href="/">{t("portfolio.title")}</Link></p>;
}

/** Reads what every view needs, all at once: index.html has asked already. Tries again for as long as there is no answer. */
function useBeginning() {
  const who = useStore(session);
  const [ready, setReady] = useState(false);
  const [error, setError] = useState<ApiError>();
  const [attempt, setAttempt] = useState(0);
  const again = useCallback(() => setAttempt((count) => count + 1), []);
  const signedOut = who.state === "signed-out";
  useEffect(() => {
    if (signedOut) {
      setReady(false);
      return pause();
    }
    let timer: ReturnType<typeof setTimeout> | undefined;
    const read = async () => {
      await Promise.all([recognize(), loadCatalog(), begin()]);
      setError(undefined);
      setReady(true);
    };
    read().catch((reason: unknown) => {
      if (session.get().state === "signed-out") return; // a token is asked for, of all of them
      setError(reason instanceof ApiError ? reason : new ApiError(0, String(reason)));
      timer = setTimeout(again, AGAIN_MS);
    });
    return () => clearTimeout(timer);
  }, [attempt, signedOut]);
  return { who, ready, error };
}

type Beginning = ReturnType<typeof useBeginning>;

function Page({ who, ready, error }: Beginning) {
  const { path } = usePlace();
  const [keys, setKeys] = useState(false);
  if (who.state === "signed-out") return <SignIn />;
  if (!ready || who.state === "unknown") return <main>{error ? <Failure error={error} /> : <Loading />}</main>;
  return (
    <>
      <a className="skip" href="#main">{t("skip")}</a>
      <Header who={who.who} onKeys={() => setKeys(true)} />
      <main id="main" tabIndex={-1}>
        <Guard key={path}>{viewOf(path) ?? <NoView />}</Guard>
      </main>
      <Explain />
      {keys && <Keys onClose={() => setKeys(false)} />}
    </>
  );
}

export function App() {
  const spoken = useStore(language);
  const beginning = useBeginning();
  useEffect(() => {
    document.documentElement.lang = spoken;
  }, [spoken]);
  // In another language everything is written anew.
  return (
    <>
      <Page key={spoken} {...beginning} />
      <Tips />
      <Announcements />
    </>
  );
}
