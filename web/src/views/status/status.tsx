// How fresh the numbers are, and what they come from: for whoever runs Keyfold.
import { useEffect } from "react";
import { get } from "../../api/client";
import type { Status as StatusDocument } from "../../api/types";
import { useQuery } from "../../api/use_query";
import { useRound } from "../../base/round";
import { useStore } from "../../base/store";
import { age, formatDay, formatInstant } from "../../format/dates";
import { lastChange, streamState } from "../../live/live";
import { JudgementMark } from "../../parts/judgement";
import { Failure, Loading } from "../../parts/notice";
import { locale } from "../../texts/language";
import { t } from "../../texts/texts";

function Shards({ status }: { status: StatusDocument }) {
  if (status.shards_error) return <p className="failure">{t("status.no_shards", { reason: status.shards_error })}</p>;
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={t("status.shards")}>
      <table className="lines">
        <caption>{t("status.shards")}</caption>
        <thead>
          <tr>
            <th scope="col" className="numeric">{t("status.partition")}</th>
            <th scope="col" className="numeric">{t("status.offset")}</th>
            <th scope="col">{t("status.stream_time")}</th>
            <th scope="col">{t("status.stored_at")}</th>
          </tr>
        </thead>
        <tbody>
          {status.shards?.map((shard) => (
            <tr key={shard.partition}>
              <td className="numeric">{shard.partition}</td>
              <td className="numeric">{shard.next_offset?.toLocaleString(locale()) ?? "–"}</td>
              <td>{shard.stream_time ? formatInstant(shard.stream_time) : "–"}</td>
              <td>{shard.stored_at ? `${formatInstant(shard.stored_at)} (${age(shard.stored_at)})` : "–"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Facts({ status }: { status: StatusDocument }) {
  const stream = useStore(streamState);
  const changed = useStore(lastChange);
  const facts: [string, string][] = [
    [t("status.as_of"), status.as_of ? formatDay(status.as_of) : "–"],
    [t("status.connection"), t(`live.${stream}`)],
    [t("status.last_change"), changed === null ? t("status.no_change") : age(changed)],
    [t("status.currency"), status.reporting_currency ?? "–"],
    [t("status.time_zone"), status.time_zone ?? "–"],
    [t("status.projection"), status.projection ?? "–"],
    [t("status.definitions"), status.catalog_hash],
  ];
  return (
    <dl className="facts">
      {facts.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}
    </dl>
  );
}

export function Status() {
  const [round] = useRound();
  const query = useQuery(`status ${round}`, (signal) => get<StatusDocument>("/v1/status", {}, signal));
  useEffect(() => {
    document.title = `${t("status.title")} · Keyfold`;
  }, []);
  if (query.error && !query.data) return <Failure error={query.error} />;
  if (query.data === undefined) return <Loading />;
  const { ready, reason } = query.data;
  return (
    <div className="stack">
      <h1>{t("status.title")}</h1>
      <p role="status" className={ready === false ? "bad" : "good"}>
        <JudgementMark judgement={ready === false ? "bad" : "good"} said={false} />
        {ready === false ? t("status.not_ready", { reason: reason ?? "" }) : t("status.ready")}
      </p>
      <Facts status={query.data} />
      <Shards status={query.data} />
    </div>
  );
}
