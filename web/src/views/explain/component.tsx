// One part of a formula: over which days, how much, and who or what has made it.
import type { ExplainedComponent } from "../../api/explanation";
import { useCatalog } from "../../format/catalog";
import { formatDay, isoDay } from "../../format/dates";
import { formatNumber } from "../../format/number";
import { measureName } from "../../texts/domain";
import { t } from "../../texts/texts";
import { countsOf, formatAmount } from "./amounts";
import { Contributions } from "./contributions";
import { Conversions } from "./conversions";
import type { Asked } from "./explain";
import { Members } from "./members";

const DAYS = new Set(["plan_start", "plan_end"]);
const MILLIONTHS = new Set(["plan_target_growth", "plan_min_margin"]);
const SECONDS = new Set(["resolution_seconds", "acknowledge_seconds"]);
const MS_OF_DAY = 86_400_000;

/** What a component's integer is for people. */
export function componentText(component: ExplainedComponent, value: number | undefined, currency: string): string {
  if (value === undefined) return "–";
  const measure = component.measure ?? "";
  if (component.unit === "minor") return formatAmount(value, currency);
  if (DAYS.has(measure)) return value === 0 ? "–" : formatDay(isoDay(new Date(value * MS_OF_DAY)));
  if (MILLIONTHS.has(measure)) return `${formatNumber(value / 10_000, 2, 0)} %`;
  if (SECONDS.has(measure)) return `${formatNumber(value / 3_600, 1, 0)} ${t("unit.hours")}`;
  return formatNumber(value, 4, 0);
}

/** "from 01/12/2025 to 30/11/2026", "up to 30/11/2026". */
function period({ from, to }: { from?: string | undefined; to?: string | undefined }): string {
  if (to === undefined) return "";
  return from === undefined ? t("why.up_to", { to: formatDay(to) }) : t("why.period", { from: formatDay(from), to: formatDay(to) });
}

function counted(component: ExplainedComponent): string {
  if (component.members) return "";
  const { more, less, rest } = countsOf(component);
  const total = t("why.events", { n: more + less + rest });
  return less > 0 ? `${total}, ${t("why.less", { n: less })}` : total;
}

export function Component({ component, asked, open }: { component: ExplainedComponent; asked: Asked; open: boolean }) {
  const { currency } = useCatalog();
  const { since } = component;
  const texts = [period(component), counted(component)].filter((text) => text !== "");
  return (
    <details className="why-component" open={open}>
      <summary>
        <span className="why-component-name">
          {measureName(component.measure ?? component.name)}
          <span className="muted"> · {texts.join(" · ")}</span>
        </span>
        <span className="numeric">
          {since && <span className="muted">{componentText(component, since.value, currency)} → </span>}
          {componentText(component, component.value, currency)}
        </span>
      </summary>
      {component.incomplete && <p className="failure">{t("why.incomplete")}</p>}
      {component.members ? (
        <Members component={component} asked={asked} />
      ) : (
        <Contributions component={component} asked={asked} />
      )}
      <Conversions component={component} />
    </details>
  );
}
