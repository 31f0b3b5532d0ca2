/** Lengths of time as people read them: clocks for media, seconds for lags, milliseconds for round trips. */

const NO_BREAK = '\u00a0';

/** Media length as a clock: "0:07", "12:05", "1:02:03". */
export function formatClock(seconds: number): string {
  const whole = Number.isFinite(seconds) && seconds > 0 ? Math.round(seconds) : 0;
  const two = (value: number): string => String(value).padStart(2, '0');
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3_600);
  const rest = two(whole % 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}

/** A lag or a buffer: "0.4 s", "12 s", from two minutes on a clock. */
export function formatSeconds(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds) / 1_000;
  if (seconds >= 120) return formatClock(seconds);
  return `${seconds < 9.95 ? seconds.toFixed(1) : Math.round(seconds)}${NO_BREAK}s`;
}

/** A round trip or a start-up: "23 ms". */
export const formatMilliseconds = (milliseconds: number): string =>
  `${Math.round(Math.max(0, milliseconds))}${NO_BREAK}ms`;
