// A line of the past months, as high as a line of text; whoever does not see it is told its ends and extremes.

interface Properties {
  values: readonly (number | undefined)[];
  said: string;
  width?: number;
  height?: number;
}

const MARGIN = 2;

/** The line as a path; gaps where values are undefined. */
export function linePath(values: readonly (number | undefined)[], width: number, height: number): string {
  const known = values.filter((value): value is number => value !== undefined);
  const least = Math.min(...known);
  const range = Math.max(...known) - least || 1;
  const step = values.length > 1 ? (width - 2 * MARGIN) / (values.length - 1) : 0;
  let path = "";
  let drawing = false;
  values.forEach((value, index) => {
    if (value === undefined) {
      drawing = false;
      return;
    }
    const x = MARGIN + index * step;
    const y = height - MARGIN - ((value - least) / range) * (height - 2 * MARGIN);
    path += `${drawing ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
    drawing = true;
  });
  return path;
}

export function Sparkline({ values, said, width = 96, height = 24 }: Properties) {
  if (values.filter((value) => value !== undefined).length < 2) return null;
  return (
    <svg className="sparkline" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={said}>
      <path d={linePath(values, width, height)} vectorEffect="non-scaling-stroke" />
    </svg>
  );
}
