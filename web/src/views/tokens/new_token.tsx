// A new token: for whom, to see what, for how long.
import { useState, type FormEvent } from "react";
import { ApiError, post } from "../../api/client";
import type { MadeToken, NewToken } from "../../api/tokens";
import { useCatalog } from "../../format/catalog";
import { groupName } from "../../format/groups";
import { Dialog } from "../../parts/dialog";
import { Failure } from "../../parts/notice";
import { t } from "../../texts/texts";
import { useGroups } from "../portfolio/scope";
import { roleName, ROLES } from "./roles";

const DAYS = [30, 90, 365, 0] as const;

function toggled(list: readonly string[], one: string): string[] {
  return list.includes(one) ? list.filter((other) => other !== one) : [...list, one];
}

interface ChoicesProperties {
  legend: string;
  all: readonly { id: string; label: string }[];
  chosen: readonly string[];
  onChoose: (chosen: string[]) => void;
}

function Choices({ legend, all, chosen, onChoose }: ChoicesProperties) {
  return (
    <fieldset>
      <legend>{legend}</legend>
      <ul className="choices">
        {all.map(({ id, label }) => (
          <li key={id}>
            <label>
              <input type="checkbox" checked={chosen.includes(id)} onChange={() => onChoose(toggled(chosen, id))} />
              {label}
            </label>
          </li>
        ))}
      </ul>
    </fieldset>
  );
}

export function NewTokenForm({ onMade, onClose }: { onMade: (made: MadeToken) => void; onClose: () => void }) {
  const catalog = useCatalog();
  const groups = useGroups().data ?? [];
  const [token, setToken] = useState<NewToken>({ name: "", roles: ["reader"], groups: [], days: 365 });
  const [error, setError] = useState<ApiError>();
  const [busy, setBusy] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    post<MadeToken>("/v1/tokens", token).then(onMade, (reason: unknown) => {
      setError(reason instanceof ApiError ? reason : new ApiError(0, String(reason)));
      setBusy(false);
    });
  };
  const isReader = token.roles.includes("reader");
  const complete = token.roles.length > 0 && (!isReader || token.groups.length > 0);
  return (
    <Dialog title={t("tokens.new")} onClose={onClose}>
      <form className="form" onSubmit={submit}>
        <label>
          {t("tokens.for")}
          <input required maxLength={100} autoComplete="off" value={token.name} onChange={(event) => setToken({ ...token, name: event.target.value })} />
        </label>
        <Choices legend={t("tokens.roles")} all={ROLES.map((id) => ({ id, label: roleName(id) }))} chosen={token.roles}
          onChoose={(roles) => setToken({ ...token, roles })} />
        {isReader && (
          <Choices legend={t("tokens.sees")} all={groups.map((id) => ({ id, label: groupName(catalog, id) }))} chosen={token.groups}
            onChoose={(chosen) => setToken({ ...token, groups: chosen })} />
        )}
        <label>
          {t("tokens.days")}
          <select value={token.days} onChange={(event) => setToken({ ...token, days: Number(event.target.value) })}>
            {DAYS.map((days) => <option key={days} value={days}>{days === 0 ? t("tokens.for_ever") : t("tokens.so_long", { n: days })}</option>)}
          </select>
        </label>
        {error && <Failure error={error} />}
        <button type="submit" className="primary" disabled={busy || !complete}>{t("tokens.make")}</button>
      </form>
    </Dialog>
  );
}
