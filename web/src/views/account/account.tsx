// One account, as its manager keeps it open before a review: how it does, what is open, and what has happened.
import { useEffect } from "react";
import { get } from "../../api/client";
import type { Update } from "../../api/types";
import { useQuery } from "../../api/use_query";
import { useInterest } from "../../live/live";
import { rows, useRow } from "../../live/rows";
import { Failure, Loading } from "../../parts/notice";
import { t } from "../../texts/texts";
import { AccountAlerts } from "./account_alerts";
import { AccountHeader } from "./account_header";
import { Charts } from "./charts";
import { Health } from "./health";
import { OpenList } from "./open_list";
import { Plan } from "./plan";
import { Themes } from "./themes";
import { Timeline } from "./timeline";

export function Account({ id }: { id: string }) {
  useInterest({ accounts: [id], kpis: "all" });
  const query = useQuery(`account ${id}`, async (signal) => {
    const row = await get<Update>(`/v1/accounts/${encodeURIComponent(id)}`, {}, signal);
    rows.apply(row, "all", false);
    return row.as_of;
  });
  const row = useRow(id);
  const name = row?.attributes?.name || id;
  useEffect(() => {
    document.title = `${name} · Keyfold`;
  }, [name]);
  if (query.error) return <Failure error={query.error} />;
  if (query.data === undefined) return <Loading />;
  if (row === undefined) return <p className="empty">{t("account.gone")}</p>;
  const asOf = query.data;
  return (
    <article className="account">
      <AccountHeader row={row} />
      <AccountAlerts id={id} />
      <div className="columns">
        <Health row={row} asOf={asOf} />
        <Plan row={row} asOf={asOf} />
      </div>
      <OpenList row={row} />
      <Charts id={id} asOf={asOf} />
      <Themes row={row} asOf={asOf} />
      <Timeline row={row} />
    </article>
  );
}
