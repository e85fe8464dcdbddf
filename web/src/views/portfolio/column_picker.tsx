// Which columns the table has: any KPIs and attributes.
import { useState } from "react";
import { labelOf, useCatalog } from "../../format/catalog";
import { Dialog } from "../../parts/dialog";
import { said } from "../../texts/language";
import { t } from "../../texts/texts";
import { ATTRIBUTE_COLUMNS, attributeLabel, pickColumns } from "./columns";

interface Choice {
  id: string;
  label: string;
  more: string;
}

export function ColumnPicker({ picked, onClose }: { picked: readonly string[]; onClose: () => void }) {
  const catalog = useCatalog();
  const [text, setText] = useState("");
  const choices: Choice[] = [
    ...ATTRIBUTE_COLUMNS.map((name) => ({ id: name, label: attributeLabel(name), more: "" })),
    ...catalog.accountKpis().map((kpi) => ({ id: kpi.id, label: labelOf(kpi), more: said(kpi.description, "") })),
  ];
  const wanted = text.toLocaleLowerCase();
  const shown = choices.filter((choice) => `${choice.label} ${choice.more}`.toLocaleLowerCase().includes(wanted));
  const toggle = (id: string) => {
    pickColumns(picked.includes(id) ? picked.filter((other) => other !== id) : [...picked, id]);
  };
  return (
    <Dialog title={t("columns.title")} onClose={onClose}>
      <input type="search" aria-label={t("columns.find")} placeholder={t("columns.find")} value={text}
        onChange={(event) => setText(event.target.value)} />
      <ul className="choices">
        {shown.map((choice) => (
          <li key={choice.id}>
            <label>
              <input type="checkbox" checked={picked.includes(choice.id)} onChange={() => toggle(choice.id)} />
              <span>
                {choice.label}
                {choice.more !== "" && <span className="muted choice-more">{choice.more}</span>}
              </span>
            </label>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
