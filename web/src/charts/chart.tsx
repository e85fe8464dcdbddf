// Values over time: lines and bars as SVG with real text, and a table of the same numbers for whoever wants them so.
import { useId, useLayoutEffect, useRef, useState, type MouseEvent } from "react";
import { dayOf, formatDay, formatMonth } from "../format/dates";
import { t } from "../texts/texts";
import { place, rangeOf, ticksOf, type Range } from "./scale";

export interface ChartSeries {
  name: string;
  values: readonly (number | undefined)[]; // as many as there are dates
  look: "line" | "dashed" | "faint" | "bar";
}

interface Properties {
  title: string;
  dates: readonly string[];
  series: readonly ChartSeries[];
  format: (value: number) => string;
  withZero?: boolean;
  byMonth?: boolean; // dates stand for their months
  empty: string; // what is said where there is no value
}

const HEIGHT = 200;
const TOP = 12;
const BOTTOM = 24;
const LEFT = 72;
const RIGHT = 12;
const LABEL_WIDTH = 84;

interface Drawing {
  x: (index: number) => number;
  y: (value: number) => number;
  ticks: number[];
  width: number;
  bar: number;
}

function drawingOf(dates: readonly string[], range: Range, width: number): Drawing {
  const ticks = ticksOf(range, 4);
  const shown: Range = { least: ticks[0]!, most: ticks[ticks.length - 1]! };
  const times = dates.map((date) => dayOf(date).getTime());
  const span: Range = { least: times[0]!, most: times[times.length - 1]! };
  const bar = Math.max(2, ((width - LEFT - RIGHT) / Math.max(1, dates.length)) * 0.6);
  const inset = bar / 2;
  return {
    x: (index) => (times.length < 2 ? (LEFT + width) / 2 : place(times[index]!, span, LEFT + inset, width - RIGHT - inset)),
    y: (value) => place(value, shown, HEIGHT - BOTTOM, TOP),
    ticks,
    width,
    bar,
  };
}

function pathOf(values: readonly (number | undefined)[], { x, y }: Drawing): string {
  let path = "";
  values.forEach((value, index) => {
    if (value === undefined) return;
    const continues = index > 0 && values[index - 1] !== undefined;
    path += `${continues ? "L" : "M"}${x(index).toFixed(1)} ${y(value).toFixed(1)}`;
  });
  return path;
}

function Bars({ one, drawing }: { one: ChartSeries; drawing: Drawing }) {
  const { x, y, bar, ticks } = drawing;
  const ground = y(Math.max(0, ticks[0]!));
  return (
    <g className="chart-bars">
      {one.values.map((value, index) => {
        if (value === undefined) return null;
        const top = Math.min(y(value), ground);
        return <rect key={index} x={x(index) - bar / 2} y={top} width={bar} height={Math.max(1, Math.abs(ground - y(value)))} />;
      })}
    </g>
  );
}

/** Under the drawing months, which are short; the exact day is said of the value that is looked at. */
function Axes({ dates, drawing, format }: { dates: readonly string[]; drawing: Drawing; format: (value: number) => string }) {
  const { x, y, ticks, width } = drawing;
  const each = Math.max(1, Math.ceil((dates.length * LABEL_WIDTH) / (width - LEFT)));
  const last = dates.length - 1;
  return (
    <g className="chart-axes">
      {ticks.map((tick) => (
        <g key={tick}>
          <line x1={LEFT} x2={width - RIGHT} y1={y(tick)} y2={y(tick)} />
          <text x={LEFT - 8} y={y(tick) + 4} textAnchor="end">{format(tick)}</text>
        </g>
      ))}
      {dates.map((date, index) =>
        // Counted from the end, which is what one looks at.
        (last - index) % each === 0 ? (
          <text key={date} x={x(index)} y={HEIGHT - 6} textAnchor={index === last ? "end" : "middle"}
            dx={index === last ? 12 : 0}>{formatMonth(date)}</text>
        ) : null,
      )}
    </g>
  );
}

function ValueTable({ dates, series, format, label }: Pick<Properties, "dates" | "series" | "format"> & { label: (date: string) => string }) {
  return (
    <details className="chart-table">
      <summary>{t("chart.table")}</summary>
      <div className="scroll" tabIndex={0} role="region" aria-label={t("chart.table")}>
        <table className="lines">
          <thead>
            <tr>
              <th scope="col">{t("chart.date")}</th>
              {series.map((one) => <th key={one.name} scope="col" className="numeric">{one.name}</th>)}
            </tr>
          </thead>
          <tbody>
            {dates.map((date, index) => (
              <tr key={date}>
                <th scope="row">{label(date)}</th>
                {series.map((one) => {
                  const value = one.values[index];
                  return <td key={one.name} className="numeric">{value === undefined ? "–" : format(value)}</td>;
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

/** As wide as there is room. */
function useWidth() {
  const element = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(600);
  useLayoutEffect(() => {
    const observed = element.current;
    if (observed === null) return;
    const observer = new ResizeObserver(() => setWidth(Math.max(240, observed.clientWidth)));
    observer.observe(observed);
    return () => observer.disconnect();
  }, []);
  return { element, width };
}

function Legend({ series, at, format }: { series: readonly ChartSeries[]; at: number | null; format: (value: number) => string }) {
  if (series.length === 1 && at === null) return null; // the title says it
  return (
    <ul className="chart-legend" aria-hidden="true">
      {series.map((one) => {
        const value = at === null ? undefined : one.values[at];
        return (
          <li key={one.name}>
            <svg width="20" height="10"><line className={`chart-${one.look}`} x1="1" x2="19" y1="5" y2="5" /></svg>
            {one.name}
            {value !== undefined && <strong> {format(value)}</strong>}
          </li>
        );
      })}
    </ul>
  );
}

export function Chart({ title, dates, series, format, withZero = false, byMonth = false, empty }: Properties) {
  const { element, width } = useWidth();
  const [at, setAt] = useState<number | null>(null);
  const heading = useId();
  const label = byMonth ? formatMonth : formatDay;
  const range = rangeOf(series.flatMap((one) => one.values), withZero);
  const drawing = range && dates.length > 0 ? drawingOf(dates, range, width) : undefined;
  const look = (event: MouseEvent<SVGSVGElement>) => {
    if (drawing === undefined) return;
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left;
    const distances = dates.map((_, index) => Math.abs(drawing.x(index) - x));
    setAt(distances.indexOf(Math.min(...distances)));
  };
  return (
    <figure className="chart" ref={element} aria-labelledby={heading}>
      <figcaption>
        <h3 id={heading}>{title}{at !== null && <span className="muted"> · {label(dates[at]!)}</span>}</h3>
        {drawing && <Legend series={series} at={at} format={format} />}
      </figcaption>
      {drawing === undefined ? (
        <p className="empty">{empty}</p>
      ) : (
        <>
          <svg width={width} height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`} role="img" aria-label={t("chart.said", { title })} onMouseMove={look} onMouseLeave={() => setAt(null)}>
            <Axes dates={dates} drawing={drawing} format={format} />
            {series.map((one) =>
              one.look === "bar" ? (
                <Bars key={one.name} one={one} drawing={drawing} />
              ) : (
                <path key={one.name} className={`chart-${one.look}`} d={pathOf(one.values, drawing)} />
              ),
            )}
            {at !== null && <line className="chart-at" x1={drawing.x(at)} x2={drawing.x(at)} y1={TOP} y2={HEIGHT - BOTTOM} />}
          </svg>
          <ValueTable dates={dates} series={series} format={format} label={label} />
        </>
      )}
    </figure>
  );
}
