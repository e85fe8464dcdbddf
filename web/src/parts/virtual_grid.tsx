// A table of any number of rows, of which only those in sight exist. A grid for the keyboard: one stop for Tab, arrows
// within (https://www.w3.org/WAI/ARIA/apg/patterns/grid/).
import { memo, useCallback, useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode, type RefObject } from "react";

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
  count: number; // rows that there are
  total: number; // rows that there would be if all were read
  rowKey: (index: number) => string;
  rowClass?: (index: number) => string;
  /** What is in a cell. What can have the focus in it takes this tabIndex. Another function has all rows drawn anew. */
  cell: (index: number, column: GridColumn, tabIndex: number) => ReactNode;
  onNearEnd?: () => void;
}

const ROW_HEIGHT = 37; // also in main.css
const MORE = 12; // rows beyond what is in sight, so that a quick scroll shows no gap
const STEP = 4; // rows that are scrolled by before others are drawn
const NEAR_END = 200;

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

function useScroll() {
  const element = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ first: 0, height: 800 });
  useLayoutEffect(() => {
    const scroller = element.current;
    if (scroller === null) return;
    const look = () => {
      const first = STEP * Math.floor(scroller.scrollTop / (STEP * ROW_HEIGHT));
      const height = scroller.clientHeight;
      setView((before) => (before.first === first && before.height === height ? before : { first, height }));
    };
    const observer = new ResizeObserver(look);
    observer.observe(scroller);
    scroller.addEventListener("scroll", look, { passive: true });
    look();
    return () => {
      observer.disconnect();
      scroller.removeEventListener("scroll", look);
    };
  }, []);
  return { element, view };
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
    wanted.current = false;
    const found = element.current?.querySelector<HTMLElement>(`[data-spot="${row}:${column}"]`);
    const inner = found?.querySelector<HTMLElement>("a, button, [tabindex]") ?? found;
    inner?.focus({ preventScroll: true });
    found?.scrollIntoView({ block: "nearest", inline: "nearest" });
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

export function VirtualGrid({ label, columns, count, total, rowKey, rowClass, cell, onNearEnd }: Properties) {
  const { element, view } = useScroll();
  const { spot, onSpot, focus } = useSpot(element, count, columns.length);
  const first = Math.max(0, view.first - MORE);
  const last = Math.min(count, view.first + STEP + Math.ceil(view.height / ROW_HEIGHT) + MORE);
  useEffect(() => {
    if (last > count - NEAR_END) onNearEnd?.();
  }, [last, count, onNearEnd]);
  const onKeyDown = (event: KeyboardEvent) => {
    const next = moved(spot, event.key, Math.floor(view.height / ROW_HEIGHT) - 2, count, columns.length);
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
          {first > 0 && <tr aria-hidden="true" style={{ height: first * ROW_HEIGHT }} />}
          {indices.map((index) => (
            <GridRow key={rowKey(index)} {...{ index, columns, cell, onSpot }} className={rowClass?.(index)}
              active={spot.row === index ? spot.column : -1} />
          ))}
          {last < count && <tr aria-hidden="true" style={{ height: (count - last) * ROW_HEIGHT }} />}
        </tbody>
      </table>
    </div>
  );
}
