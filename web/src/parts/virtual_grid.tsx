// A table of any number of rows, of which only those in sight exist. A grid for the keyboard: one stop for Tab, arrows
// within (https://www.w3.org/WAI/ARIA/apg/patterns/grid/).
import { memo, useCallback, useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode, type RefObject } from "react";
import { flushSync } from "react-dom";
import { isSame, nextDrawn, type Range } from "./drawn_rows";

export interface GridColumn {
  id: string;
  header: string;
  tip?: string | undefined;
  sort?: "ascending" | "descending" | "none";
  onSort?: () => void;
  numeric?: boolean;
  interactive?: boolean; // its cells hold what can have the focus; else they have it themselves
}

interface Properties {
  label: string;
  columns: readonly GridColumn[];
  of: string; // what the rows are of: when it is another, the table begins at its top
  count: number; // rows that there are
  room: number; // rows that there is room for: the later ones are read when they come in sight
  total: number; // rows that there would be if all were read
  rowKey: (index: number) => string;
  rowClass?: (index: number) => string;
  /** What is in a cell. What can have the focus in it takes this tabIndex. Another function has all rows drawn anew. */
  cell: (index: number, column: GridColumn, tabIndex: number) => ReactNode;
  /** So many rows are wanted. */
  onWanted?: (count: number) => void;
}

const ROW_HEIGHT = 37; // also in main.css
const MORE = 12; // rows beyond what is in sight, so that a quick scroll shows no gap
const STEP = 4; // rows that are scrolled by before others are drawn
const AHEAD = 200; // rows that are read before they are in sight

interface Spot {
  row: number; // -1: the header
  column: number;
}

function moved(spot: Spot, key: string, page: number, rows: number, columns: number): Spot | null {
  const at = (row: number, column: number): Spot => ({
    row: Math.min(Math.max(row, -1), rows - 1),
    column: Math.min(Math.max(column, 0), columns - 1),
  });
  switch (key) {
    case "ArrowDown":
      return at(spot.row + 1, spot.column);
    case "ArrowUp":
      return at(spot.row - 1, spot.column);
    case "ArrowRight":
      return at(spot.row, spot.column + 1);
    case "ArrowLeft":
      return at(spot.row, spot.column - 1);
    case "PageDown":
      return at(spot.row + page, spot.column);
    case "PageUp":
      return at(spot.row - page, spot.column);
    case "Home":
      return at(spot.row, 0);
    case "End":
      return at(spot.row, columns - 1);
    default:
      return null;
  }
}

/** The rows in sight, and a few more. */
function rangesOf(scroller: HTMLElement, count: number): { sight: Range; wanted: Range } {
  const first = STEP * Math.floor(scroller.scrollTop / (STEP * ROW_HEIGHT));
  const last = first + STEP + Math.ceil(scroller.clientHeight / ROW_HEIGHT);
  return { sight: { first, last }, wanted: { first: Math.max(0, Math.min(first - MORE, count)), last: Math.min(count, last + MORE) } };
}

/** Which rows are drawn, a few more with each picture, and how many one would see. */
function useScroll(of: string, count: number) {
  const element = useRef<HTMLDivElement>(null);
  const latest = useRef<Range>({ first: 0, last: 0 });
  const [drawn, setDrawn] = useState(latest.current);
  const [reached, setReached] = useState(0);
  useLayoutEffect(() => {
    if (element.current) element.current.scrollTop = 0;
  }, [of]);
  useLayoutEffect(() => {
    const scroller = element.current;
    if (scroller === null) return;
    let frame = 0;
    const look = () => {
      const { sight, wanted } = rangesOf(scroller, count);
      const next = nextDrawn(latest.current, sight, wanted);
      setReached(sight.last);
      if (!isSame(latest.current, next)) setDrawn((latest.current = next));
      frame = isSame(next, wanted) ? 0 : requestAnimationFrame(draw);
    };
    const draw = () => flushSync(look); // now: the picture is about to be made
    const soon = () => {
      frame ||= requestAnimationFrame(draw);
    };
    const observer = new ResizeObserver(soon);
    observer.observe(scroller);
    scroller.addEventListener("scroll", soon, { passive: true });
    look();
    return () => {
      cancelAnimationFrame(frame);
      observer.disconnect();
      scroller.removeEventListener("scroll", soon);
    };
  }, [of, count]);
  return { element, drawn, reached };
}

function HeaderCell({ column, tabIndex }: { column: GridColumn; tabIndex: number }) {
  if (column.onSort === undefined) return <span tabIndex={tabIndex}>{column.header}</span>;
  const arrow = column.sort === "ascending" ? "▲" : column.sort === "descending" ? "▼" : "";
  return (
    <button type="button" tabIndex={tabIndex} onClick={column.onSort} data-tip={column.tip}>
      {column.header}
      <span aria-hidden="true" className="arrow">{arrow}</span>
    </button>
  );
}

interface RowProperties extends Pick<Properties, "columns" | "cell"> {
  index: number;
  className: string | undefined;
  active: number; // the column that has the focus, or would get it; -1: another row's
  onSpot: (spot: Spot) => void;
}

// Drawn again only when something of it is another: a scroll draws the rows that come, and no others.
const GridRow = memo(function GridRow({ index, columns, cell, className, active, onSpot }: RowProperties) {
  return (
    <tr aria-rowindex={index + 2} className={className}>
      {columns.map((column, at) => {
        const tabIndex = active === at ? 0 : -1;
        const properties = {
          "data-spot": `${index}:${at}`,
          onFocus: () => onSpot({ row: index, column: at }),
          tabIndex: column.interactive ? undefined : tabIndex,
        };
        const content = cell(index, column, tabIndex);
        if (at === 0) return <th key={column.id} scope="row" {...properties}>{content}</th>;
        return <td key={column.id} className={column.numeric ? "numeric" : undefined} {...properties}>{content}</td>;
      })}
    </tr>
  );
});

/** Which cell has the focus, or would get it; `focus` moves it there once it is drawn. */
function useSpot(element: RefObject<HTMLDivElement>, rows: number, columns: number) {
  const [active, setActive] = useState<Spot>({ row: -1, column: 0 });
  const wanted = useRef(false);
  const row = Math.min(active.row, rows - 1);
  const column = Math.min(active.column, columns - 1);
  useLayoutEffect(() => {
    if (!wanted.current) return;
    const found = element.current?.querySelector<HTMLElement>(`[data-spot="${row}:${column}"]`);
    if (!found) return; // not drawn yet
    wanted.current = false;
    const inner = found.querySelector<HTMLElement>("a, button, [tabindex]") ?? found;
    inner.focus({ preventScroll: true });
    found.scrollIntoView({ block: "nearest", inline: "nearest" });
  });
  const onSpot = useCallback((next: Spot) => {
    setActive((before) => (before.row === next.row && before.column === next.column ? before : next));
  }, []);
  const focus = (next: Spot) => {
    wanted.current = true;
    setActive({ ...next });
  };
  return { spot: { row, column }, onSpot, focus };
}

/** Scrolls a row into sight, below the header. */
function reveal(scroller: HTMLElement | null, row: number): void {
  if (scroller === null || row < 0) return;
  const top = row * ROW_HEIGHT;
  const bottom = top + 2 * ROW_HEIGHT; // the header covers one
  if (top < scroller.scrollTop) scroller.scrollTop = top;
  if (bottom > scroller.scrollTop + scroller.clientHeight) scroller.scrollTop = bottom - scroller.clientHeight;
}

/** The room of rows that are not drawn. */
function Gap({ rows, columns }: { rows: number; columns: number }) {
  if (rows <= 0) return null;
  return <tr aria-hidden="true" className="gap"><td colSpan={columns} style={{ height: rows * ROW_HEIGHT }} /></tr>;
}

export function VirtualGrid({ label, columns, of, count, room, total, rowKey, rowClass, cell, onWanted }: Properties) {
  const { element, drawn, reached } = useScroll(of, count);
  const { spot, onSpot, focus } = useSpot(element, count, columns.length);
  const first = Math.min(drawn.first, count);
  const last = Math.min(drawn.last, count);
  useEffect(() => onWanted?.(reached + AHEAD), [reached, onWanted]);
  const onKeyDown = (event: KeyboardEvent) => {
    const page = Math.floor((element.current?.clientHeight ?? 0) / ROW_HEIGHT) - 2;
    const next = moved(spot, event.key, page, count, columns.length);
    if (next === null || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    reveal(element.current, next.row);
    focus(next);
  };
  const indices = Array.from({ length: Math.max(0, last - first) }, (_, offset) => first + offset);
  return (
    <div className="grid" ref={element}>
      <table role="grid" aria-label={label} aria-rowcount={total + 1} onKeyDown={onKeyDown}>
        <thead>
          <tr aria-rowindex={1}>
            {columns.map((column, at) => (
              <th key={column.id} scope="col" aria-sort={column.sort} className={column.numeric ? "numeric" : undefined}
                data-spot={`-1:${at}`} onFocus={() => onSpot({ row: -1, column: at })}>
                <HeaderCell column={column} tabIndex={spot.row === -1 && spot.column === at ? 0 : -1} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <Gap rows={first} columns={columns.length} />
          {indices.map((index) => (
            <GridRow key={rowKey(index)} {...{ index, columns, cell, onSpot }} className={rowClass?.(index)}
              active={spot.row === index ? spot.column : -1} />
          ))}
          <Gap rows={Math.max(count, room) - last} columns={columns.length} />
        </tbody>
      </table>
    </div>
  );
}
