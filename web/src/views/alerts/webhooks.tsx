// To which programs alerts are sent, for administrators: how each does, what it did not take and why, and once more.
import { useEffect, useRef, useState } from "react";
import { ApiError, get, pathTo, post } from "../../api/client";
import { isAdministrator, session } from "../../api/session";
import type { DeadDelivery, Webhook, WebhookList } from "../../api/webhooks";
import { useQuery } from "../../api/use_query";
import { useRound } from "../../base/round";
import { useStore } from "../../base/store";
import { useCatalog, type Catalog } from "../../format/catalog";
import { age, formatInstant } from "../../format/dates";
import { groupName } from "../../format/groups";
import type { Judgement } from "../../format/kpi";
import { useRow } from "../../live/rows";
import { JudgementMark } from "../../parts/judgement";
import { readNames } from "../../parts/names";
import { Failure } from "../../parts/notice";
import { addressOfAccount, addressOfGroup } from "../../routing/addresses";
import { Link } from "../../routing/link";
import { locale, said } from "../../texts/language";
import { t } from "../../texts/texts";

const SHOWN = 10; // of what was not delivered, at first

/** "high, critical · At risk · Key account manager: M7": which alerts it gets. */
function wanted({ severities, alerts, groups }: Webhook, catalog: Catalog): string {
  const parts = [
    severities.map((severity) => t(`severity.${severity}`)),
    alerts.map((id) => said(catalog.alert(id)?.label, id)),
    groups.map((id) => groupName(catalog, id)),
  ];
  const text = parts.filter((part) => part.length > 0).map((part) => part.join(", ")).join(" · ");
  return text === "" ? t("webhooks.all") : text;
}

function isFailing({ failed_at, delivered_at }: Webhook): boolean {
  return failed_at !== undefined && (delivered_at === undefined || failed_at > delivered_at);
}

/** How it does, in a word; undefined: nothing was sent yet. */
function stateOf(webhook: Webhook): { judgement: Judgement | undefined; word: string } {
  if (webhook.dead > 0) return { judgement: "bad", word: t("webhooks.dead_count", { n: webhook.dead }) };
  if (webhook.waiting > 0 && isFailing(webhook)) return { judgement: "warn", word: t("webhooks.fails") };
  if (webhook.delivered > 0) return { judgement: "good", word: t("webhooks.delivers") };
  return { judgement: undefined, word: t("webhooks.nothing_yet") };
}

function Owner({ delivery }: { delivery: DeadDelivery }) {
  const catalog = useCatalog();
  const id = delivery.account_id ?? "";
  const name = useRow(id)?.attributes?.name || id;
  if (id !== "") return <Link href={addressOfAccount(id)}>{name}</Link>;
  return <Link href={addressOfGroup(delivery.group_id ?? "")}>{groupName(catalog, delivery.group_id ?? "")}</Link>;
}

function Dead({ webhook }: { webhook: Webhook }) {
  const catalog = useCatalog();
  const [all, setAll] = useState(false);
  const shown = all ? webhook.latest_dead : webhook.latest_dead.slice(0, SHOWN);
  const accounts = [...new Set(shown.flatMap((delivery) => delivery.account_id ?? []))];
  useQuery(`names ${accounts.join()}`, (signal) => readNames(accounts, signal));
  const label = `${t("webhooks.dead")}: ${webhook.name}`;
  return (
    <>
      <div className="scroll" tabIndex={0} role="region" aria-label={label}>
        <table className="lines stacked">
          <caption>
            {t("webhooks.dead")}
            {shown.length < webhook.dead && ` · ${t("webhooks.latest", { n: shown.length })}`}
          </caption>
          <thead>
            <tr>
              <th scope="col">{t("account.id")}</th>
              <th scope="col">{t("alerts.alert")}</th>
              <th scope="col">{t("webhooks.reason")}</th>
              <th scope="col" className="numeric">{t("webhooks.attempts")}</th>
              <th scope="col">{t("alerts.when")}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((delivery) => (
              <tr key={delivery.id}>
                <td><Owner delivery={delivery} /></td>
                <td className="end">{said(catalog.alert(delivery.alert)?.label, delivery.alert)}</td>
                <td className="whole">{delivery.error}</td>
                <td className="numeric" data-label={t("webhooks.attempts")}>{delivery.attempts}</td>
                <td className="day end">{formatInstant(delivery.recorded_at)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {shown.length < webhook.latest_dead.length && <button type="button" onClick={() => setAll(true)}>{t("more")}</button>}
    </>
  );
}

function Facts({ webhook }: { webhook: Webhook }) {
  const catalog = useCatalog();
  const number = (n: number) => n.toLocaleString(locale());
  const last = webhook.delivered_at ? ` · ${t("webhooks.last", { age: age(webhook.delivered_at) })}` : "";
  const facts: [string, string][] = [
    [t("webhooks.receiver"), webhook.receiver],
    [t("webhooks.gets"), wanted(webhook, catalog)],
    [t("webhooks.delivered"), number(webhook.delivered) + last],
    [t("webhooks.waiting"), number(webhook.waiting)],
    [t("webhooks.dead"), number(webhook.dead)],
  ];
  if (webhook.dropped > 0) facts.push([t("webhooks.dropped"), number(webhook.dropped)]);
  return (
    <dl className="facts">
      {facts.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}
    </dl>
  );
}

/** Why it does not go on, and when it is tried again. */
function LastFailure({ webhook }: { webhook: Webhook }) {
  if (!isFailing(webhook) || !webhook.failed_at) return null;
  return (
    <p>
      {t("webhooks.failed", { age: age(webhook.failed_at), reason: webhook.error ?? "" })}
      {webhook.next_attempt_at && <span className="muted"> · {t("webhooks.next", { instant: formatInstant(webhook.next_attempt_at) })}</span>}
    </p>
  );
}

function Receiver({ webhook, onSent }: { webhook: Webhook; onSent: () => void }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const [busy, setBusy] = useState(false);
  const [sent, setSent] = useState<number>();
  const [error, setError] = useState<ApiError>();
  const state = stateOf(webhook);
  const again = () => {
    setBusy(true);
    setError(undefined);
    post<{ sent_again: number }>(pathTo("v1", "webhooks", webhook.name, "retry"))
      .then((answer) => {
        setSent(answer.sent_again);
        heading.current?.focus(); // the button goes
        onSent();
      }, (reason: unknown) => setError(reason instanceof ApiError ? reason : new ApiError(0, String(reason))))
      .finally(() => setBusy(false));
  };
  useEffect(() => {
    if (webhook.dead > 0) setSent(undefined); // what was sent again has come back
  }, [webhook.dead]);
  return (
    <article className="panel webhook" aria-labelledby={`webhook-${webhook.name}`}>
      <div className="bar">
        <h3 id={`webhook-${webhook.name}`} ref={heading} tabIndex={-1}>{webhook.name}</h3>
        <span className={`webhook-state ${state.judgement ?? ""}`}>
          {state.judgement && <JudgementMark judgement={state.judgement} said={false} />}
          {state.word}
        </span>
        {webhook.dead > 0 && (
          <button type="button" disabled={busy} aria-label={t("webhooks.again_to", { name: webhook.name })} onClick={again}>
            {t("webhooks.again")}
          </button>
        )}
      </div>
      <p role="status">{sent !== undefined && t("webhooks.sent", { n: sent })}</p>
      {error && <Failure error={error} />}
      <Facts webhook={webhook} />
      <LastFailure webhook={webhook} />
      {webhook.latest_dead.length > 0 && <Dead webhook={webhook} />}
    </article>
  );
}

/** Nothing where there are none, or where one may not see them. */
export function Webhooks() {
  const may = isAdministrator(useStore(session));
  const [round, lookAgain] = useRound();
  const query = useQuery(may ? `webhooks ${round}` : null, (signal) => get<WebhookList>("/v1/webhooks", {}, signal));
  const [known, setKnown] = useState<readonly Webhook[]>([]); // an answer that fails does not take them away
  useEffect(() => {
    if (query.data) setKnown(query.data.webhooks);
  }, [query.data]);
  if (!may || known.length === 0) return null;
  return (
    <section className="stack" aria-labelledby="webhooks">
      <h2 id="webhooks">{t("webhooks.title")}</h2>
      <p className="muted">{t("webhooks.text")}</p>
      {query.error && <Failure error={query.error} />}
      {known.map((webhook) => <Receiver key={webhook.name} webhook={webhook} onSent={lookAgain} />)}
    </section>
  );
}
