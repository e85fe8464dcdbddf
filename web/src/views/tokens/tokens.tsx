// Tokens, for administrators: who has one and sees what; a new one, shown once; and an end to one.
import { useEffect, useState } from "react";
import { ApiError, get, pathTo, remove } from "../../api/client";
import type { MadeToken, Token, TokenList } from "../../api/tokens";
import { useQuery } from "../../api/use_query";
import { useCatalog, type Catalog } from "../../format/catalog";
import { formatInstant } from "../../format/dates";
import { groupName } from "../../format/groups";
import { Dialog } from "../../parts/dialog";
import { Empty, Failure, Loading } from "../../parts/notice";
import { t } from "../../texts/texts";
import { NewTokenForm } from "./new_token";
import { roleName } from "./roles";

function seen(token: Token, catalog: Catalog): string {
  if (token.groups.length > 0) return token.groups.map((group) => groupName(catalog, group)).join(", ");
  return token.roles.includes("admin") ? t("tokens.all") : "–";
}

function state(token: Token): string {
  if (token.revoked) return t("tokens.revoked", { instant: formatInstant(token.revoked) });
  if (!token.expires) return t("tokens.for_ever");
  return t(token.in_force ? "tokens.until" : "tokens.expired", { instant: formatInstant(token.expires) });
}

function TokenTable({ tokens, onEnd }: { tokens: readonly Token[]; onEnd: (token: Token) => void }) {
  const catalog = useCatalog();
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={t("tokens.title")}>
      <table className="lines stacked">
        <thead>
          <tr>
            <th scope="col">{t("account.name")}</th>
            <th scope="col">{t("tokens.roles")}</th>
            <th scope="col">{t("tokens.sees")}</th>
            <th scope="col">{t("tokens.created")}</th>
            <th scope="col">{t("tokens.state")}</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {tokens.map((token) => (
            <tr key={token.id} className={token.in_force ? "" : "muted"}>
              <th scope="row" className="whole">{token.name} <code className="muted">{token.id}</code></th>
              <td data-label={t("tokens.roles")}>{token.roles.map(roleName).join(", ")}</td>
              <td data-label={t("tokens.sees")}>{seen(token, catalog)}</td>
              <td className="day" data-label={t("tokens.created")}>{formatInstant(token.created)}</td>
              <td data-label={t("tokens.state")}>{state(token)}</td>
              <td className="numeric end">
                {token.in_force && (
                  <button type="button" aria-label={t("tokens.end_one", { name: token.name })} onClick={() => onEnd(token)}>{t("tokens.end")}</button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Secret({ made, onClose }: { made: MadeToken; onClose: () => void }) {
  return (
    <Dialog title={made.token.name} onClose={onClose}>
      <p>{t("tokens.secret")}</p>
      <pre tabIndex={0} className="secret">{made.secret}</pre>
      <button type="button" onClick={() => void navigator.clipboard.writeText(made.secret)}>{t("export.copy")}</button>
    </Dialog>
  );
}

function Ending({ token, onDone, onClose }: { token: Token; onDone: () => void; onClose: () => void }) {
  const [error, setError] = useState<ApiError>();
  const end = () => {
    remove(pathTo("v1", "tokens", token.id)).then(onDone, (reason: unknown) =>
      setError(reason instanceof ApiError ? reason : new ApiError(0, String(reason))),
    );
  };
  return (
    <Dialog title={t("tokens.end_one", { name: token.name })} onClose={onClose}>
      <p>{t("tokens.end_text")}</p>
      {error && <Failure error={error} />}
      <div className="bar">
        <button type="button" className="danger" onClick={end}>{t("tokens.end")}</button>
        <button type="button" onClick={onClose}>{t("cancel")}</button>
      </div>
    </Dialog>
  );
}

export function Tokens() {
  const [round, setRound] = useState(0);
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<MadeToken>();
  const [ending, setEnding] = useState<Token>();
  const query = useQuery(`tokens ${round}`, (signal) => get<TokenList>("/v1/tokens", {}, signal));
  useEffect(() => {
    document.title = `${t("tokens.title")} · Keyfold`;
  }, []);
  const again = () => setRound((count) => count + 1);
  // Those in force first, the newest of each first.
  const tokens = [...(query.data?.tokens ?? [])].sort(
    (a, b) => Number(b.in_force) - Number(a.in_force) || b.created.localeCompare(a.created),
  );
  return (
    <div className="stack">
      <h1>{t("tokens.title")}</h1>
      <p>{t("tokens.text")}</p>
      <button type="button" className="primary" onClick={() => setMaking(true)}>{t("tokens.new")}</button>
      {query.error && <Failure error={query.error} />}
      {!query.data && !query.error && <Loading />}
      {query.data && tokens.length === 0 && <Empty>{t("tokens.none")}</Empty>}
      {tokens.length > 0 && <TokenTable tokens={tokens} onEnd={setEnding} />}
      {making && (
        <NewTokenForm onClose={() => setMaking(false)}
          onMade={(token) => {
            setMaking(false);
            setMade(token);
            again();
          }} />
      )}
      {made && <Secret made={made} onClose={() => setMade(undefined)} />}
      {ending && (
        <Ending token={ending} onClose={() => setEnding(undefined)}
          onDone={() => {
            setEnding(undefined);
            again();
          }} />
      )}
    </div>
  );
}
