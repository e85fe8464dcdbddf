// Finds accounts, groups and KPIs by a part of their name: a combobox (https://www.w3.org/WAI/ARIA/apg/patterns/combobox/).
import { useEffect, useId, useRef, useState, type KeyboardEvent } from "react";
import { get } from "../api/client";
import type { AccountPage, GroupPage } from "../api/types";
import { useShortcut } from "../base/keys";
import { labelOf, useCatalog, type Catalog } from "../format/catalog";
import { groupName } from "../format/groups";
import { addressOfAccount, addressOfGroup } from "../routing/addresses";
import { go } from "../routing/router";
import { t } from "../texts/texts";

interface Found {
  kind: "account" | "group" | "kpi";
  id: string;
  label: string;
  address: string;
}

const PAUSE_MS = 150;
const EACH_MAX = 6;

function findKpis(catalog: Catalog, text: string): Found[] {
  const wanted = text.toLocaleLowerCase();
  return catalog
    .accountKpis()
    .filter((kpi) => labelOf(kpi).toLocaleLowerCase().includes(wanted) || kpi.id.includes(wanted))
    .slice(0, EACH_MAX)
    .map((kpi) => ({ kind: "kpi", id: kpi.id, label: labelOf(kpi), address: `/definitions#${kpi.id}` }));
}

async function find(catalog: Catalog, text: string, signal: AbortSignal): Promise<Found[]> {
  const asked = { q: text, limit: EACH_MAX, kpis: "customers" };
  const [accounts, groups] = await Promise.all([
    get<AccountPage>("/v1/accounts", { ...asked, sort: "name" }, signal),
    get<GroupPage>("/v1/groups", asked, signal),
  ]);
  return [
    ...accounts.accounts.map((row): Found => {
      const id = row.account_id ?? "";
      return { kind: "account", id, label: row.attributes?.name || id, address: addressOfAccount(id) };
    }),
    ...groups.groups.map((row): Found => {
      const id = row.group_id ?? "";
      return { kind: "group", id, label: groupName(catalog, id), address: addressOfGroup(id) };
    }),
    ...findKpis(catalog, text),
  ];
}

/** What `text` finds; undefined while it is looked for. */
function useFound(text: string): Found[] | undefined {
  const catalog = useCatalog();
  const [found, setFound] = useState<Found[] | undefined>([]);
  useEffect(() => {
    const wanted = text.trim();
    if (wanted === "") return setFound([]);
    const controller = new AbortController();
    const timer = setTimeout(() => {
      find(catalog, wanted, controller.signal).then(setFound, () => {
        if (!controller.signal.aborted) setFound([]);
      });
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [text, catalog]);
  return found;
}

export function Search() {
  const input = useRef<HTMLInputElement>(null);
  const list = useId();
  const [text, setText] = useState("");
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(0);
  const found = useFound(text);
  const shown = open && text.trim() !== "";
  useShortcut("/", "keys.search", () => input.current?.focus());

  const take = (one: Found | undefined) => {
    if (one === undefined) return;
    setText("");
    setOpen(false);
    input.current?.blur();
    go(one.address);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const count = found?.length ?? 0;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (count > 0) setActive((active + (event.key === "ArrowDown" ? 1 : count - 1)) % count);
    } else if (event.key === "Enter") {
      take(found?.[active]);
    } else if (event.key === "Escape") {
      setText("");
      input.current?.blur();
    }
  };
  return (
    <div className="search" role="search">
      <input ref={input} type="search" role="combobox" placeholder={t("search.placeholder")} aria-label={t("search.label")}
        aria-expanded={shown} aria-controls={list} aria-autocomplete="list" autoComplete="off" value={text}
        aria-activedescendant={shown && found?.length ? `${list}-${active}` : undefined} onKeyDown={onKeyDown}
        onFocus={() => setOpen(true)} onBlur={() => setOpen(false)}
        onChange={(event) => {
          setText(event.target.value);
          setActive(0);
          setOpen(true);
        }} />
      <ul id={list} role="listbox" aria-label={t("search.label")} className="search-found" hidden={!shown}>
        {shown && found?.map((one, index) => (
          // The mouse must not take the focus before its click is a choice.
          <li key={one.kind + one.id} id={`${list}-${index}`} role="option" aria-selected={index === active}
            onMouseDown={(event) => event.preventDefault()} onMouseEnter={() => setActive(index)} onClick={() => take(one)}>
            <span>{one.label}</span>
            <span className="muted">{one.label === one.id ? "" : one.id} {t(`search.${one.kind}`)}</span>
          </li>
        ))}
        {shown && found?.length === 0 && <li role="option" aria-selected="false" aria-disabled="true" className="muted">{t("search.nothing")}</li>}
      </ul>
    </div>
  );
}
