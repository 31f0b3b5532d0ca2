/**
 * Small pictures as SVG text: lines over time, a histogram, bars in order, a heat map. Nothing is fetched, nothing runs.
 */

const WIDTH = 640;
const HEIGHT = 180;
const LEFT = 52;
const BOTTOM = 24;
const TOP = 10;
const RIGHT = 12;
const INNER_WIDTH = WIDTH - LEFT - RIGHT;
const INNER_HEIGHT = HEIGHT - TOP - BOTTOM;
const COLOURS = ['var(--first)', 'var(--second)', 'var(--third)'];

export interface Line {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number | null])[];
}

const number = (value: number): string => (Math.abs(value) >= 100 ? value.toFixed(0) : Number(value.toPrecision(3)).toString());

export const escapeHtml = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');

function frame(title: string, content: string, axes: { xMin: number; xMax: number; yMax: number; xUnit: string; yUnit: string }): string {
  const { xMin, xMax, yMax, xUnit, yUnit } = axes;
  const label = (x: number, y: number, anchor: string, text: string): string => `<text x="${x}" y="${y}" text-anchor="${anchor}">${escapeHtml(text)}</text>`;
  return `<figure><figcaption>${escapeHtml(title)}</figcaption><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(title)}">
<path class="axis" d="M${LEFT},${TOP} V${TOP + INNER_HEIGHT} H${LEFT + INNER_WIDTH}"/>
${label(LEFT - 6, TOP + 8, 'end', `${number(yMax)}${yUnit}`)}${label(LEFT - 6, TOP + INNER_HEIGHT, 'end', '0')}
${label(LEFT, HEIGHT - 6, 'start', `${number(xMin)}${xUnit}`)}${label(LEFT + INNER_WIDTH, HEIGHT - 6, 'end', `${number(xMax)}${xUnit}`)}
${content}</svg></figure>`;
}

/** `yMax` fixes the scale; otherwise the largest value does. */
export function lineChart(title: string, lines: readonly Line[], units: { x: string; y: string; yMax?: number }): string {
  const points = lines.flatMap((line) => line.points);
  const ys = points.flatMap(([, y]) => (y === null ? [] : [y]));
  if (ys.length === 0) return '';
  const xMin = Math.min(...points.map(([x]) => x));
  const xMax = Math.max(...points.map(([x]) => x), xMin + 1);
  const yMax = units.yMax ?? Math.max(...ys, 1e-9);
  const content = lines.map((line, order) => {
    let path = '';
    let isDown = false;
    for (const [x, y] of line.points) {
      if (y !== null) {
        const at = [LEFT + ((x - xMin) / (xMax - xMin)) * INNER_WIDTH, TOP + INNER_HEIGHT * (1 - Math.min(1, y / yMax))];
        path += `${isDown ? 'L' : 'M'}${at.map((one) => one.toFixed(1)).join(',')}`;
      }
      isDown = y !== null;
    }
    const colour = COLOURS[order % COLOURS.length]!;
    const name = `<text x="${LEFT + INNER_WIDTH - 4}" y="${TOP + 12 + 14 * order}" text-anchor="end" style="fill:${colour}">${escapeHtml(line.name)}</text>`;
    return `<path class="line" style="stroke:${colour}" d="${path}"/>${name}`;
  });
  return frame(title, content.join(''), { xMin, xMax, yMax, xUnit: units.x, yUnit: units.y });
}

function bars(title: string, heights: readonly number[], axes: { xMin: number; xMax: number; xUnit: string; yUnit: string }): string {
  const yMax = Math.max(...heights, 1e-9);
  const width = INNER_WIDTH / heights.length;
  const content = heights.map((height, at) => {
    const tall = (INNER_HEIGHT * height) / yMax;
    return `<rect class="bar" x="${(LEFT + at * width).toFixed(1)}" y="${(TOP + INNER_HEIGHT - tall).toFixed(1)}" width="${Math.max(0.5, width - 0.5).toFixed(1)}" height="${tall.toFixed(1)}"/>`;
  });
  return frame(title, content.join(''), { ...axes, yMax });
}

/** How often values fall into each of `bins` equal ranges. */
export function histogram(title: string, values: readonly number[], unit: string, bins = 40): string {
  if (values.length === 0) return '';
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (high === low) high = low + 1;
  const counts = Array.from({ length: bins }, () => 0);
  for (const value of values) counts[Math.min(bins - 1, Math.floor(((value - low) / (high - low)) * bins))]!++;
  return bars(title, counts, { xMin: low, xMax: high, xUnit: unit, yUnit: '' });
}

/** Values from the largest to the smallest, at most `most` of them, evenly taken. */
export function rankedBars(title: string, values: readonly number[], unit: string, most = 200): string {
  if (values.length === 0) return '';
  const sorted = [...values].sort((a, b) => b - a);
  const step = Math.max(1, sorted.length / most);
  const shown = Array.from({ length: Math.min(sorted.length, most) }, (_, at) => sorted[Math.floor(at * step)]!);
  return bars(title, shown, { xMin: 1, xMax: sorted.length, xUnit: '', yUnit: unit });
}

/** Rows from top to bottom, columns from left to right; values 0 to 1. */
export function heatMap(title: string, columns: readonly (readonly number[])[], axes: { xMin: number; xMax: number; rows: number; xUnit: string }): string {
  if (columns.length === 0 || axes.rows === 0) return '';
  const width = INNER_WIDTH / columns.length;
  const height = INNER_HEIGHT / axes.rows;
  const cells = columns.flatMap((column, x) =>
    column.map((value, y) => {
      const top = TOP + INNER_HEIGHT - (y + 1) * height;
      return `<rect x="${(LEFT + x * width).toFixed(1)}" y="${top.toFixed(1)}" width="${(width + 0.3).toFixed(1)}" height="${(height + 0.3).toFixed(1)}" style="fill:var(--first);fill-opacity:${value.toFixed(2)}"/>`;
    }),
  );
  return frame(title, cells.join(''), { xMin: axes.xMin, xMax: axes.xMax, yMax: axes.rows, xUnit: axes.xUnit, yUnit: '' });
}
