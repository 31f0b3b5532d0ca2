/**
 * Cuts one WebVTT file into chunks (RFC 8216, section 3.5): each has the cues that are on screen during its time, with
 * their times counted from the beginning of the film. A cue that reaches over a cut stands on both sides of it.
 */
interface Cue {
  readonly startUs: number;
  readonly endUs: number;
  /** Timing line and text. */
  readonly text: string;
}

export interface SubtitleChunk {
  readonly startUs: number;
  readonly durationUs: number;
  readonly bytes: Uint8Array;
}

/** Longest that a chunk may be. Words are small: two hours are a hundred and twenty chunks of a few kilobytes. */
const CHUNK_US = 60_000_000;

/** Where a timing line stands in a cue (WebVTT, section 4.1). */
const TIMING = /^(?:(\d{2,}):)?(\d{2}):(\d{2})\.(\d{3})[ \t]+-->[ \t]+(?:(\d{2,}):)?(\d{2}):(\d{2})\.(\d{3})(.*)$/;

/** @param originUs when in the words' time the film begins. Empty where no cue is within its `lengthUs`. */
export function splitSubtitles(vtt: string, lengthUs: number, originUs = 0): SubtitleChunk[] {
  const cues = readCues(vtt, originUs).filter(({ startUs, endUs }) => startUs < lengthUs && endUs > 0);
  if (cues.length === 0) return [];
  const chunks: SubtitleChunk[] = [];
  for (let startUs = 0; startUs < lengthUs; startUs += CHUNK_US) {
    const durationUs = Math.min(CHUNK_US, lengthUs - startUs);
    const shown = cues.filter((cue) => cue.startUs < startUs + durationUs && cue.endUs > startUs);
    const text = ['WEBVTT', ...shown.map((cue) => cue.text)].join('\n\n');
    chunks.push({ startUs, durationUs, bytes: new TextEncoder().encode(`${text}\n`) });
  }
  return chunks;
}

/** Cues of a well-formed file; notes, styles and regions are left out. */
function readCues(vtt: string, originUs: number): Cue[] {
  const blocks = vtt.replace(/\r\n?/g, '\n').split(/\n{2,}/);
  return blocks.flatMap((block) => {
    const lines = block.split('\n');
    const at = lines.findIndex((line) => TIMING.test(line));
    // Above it stands at most a name.
    if (at < 0 || at > 1) return [];
    const [, h1, m1, s1, f1, h2, m2, s2, f2, settings = ''] = TIMING.exec(lines[at]!)!;
    const [startUs, endUs] = [Math.max(0, timeUs(h1, m1, s1, f1) - originUs), timeUs(h2, m2, s2, f2) - originUs];
    const words = lines.slice(at + 1).filter((line) => line.trim() !== '');
    if (endUs <= startUs || words.length === 0) return [];
    return [{ startUs, endUs, text: [`${clock(startUs)} --> ${clock(endUs)}${settings}`, ...words].join('\n') }];
  });
}

const timeUs = (hours: string | undefined, ...[minutes, seconds, ms]: (string | undefined)[]): number =>
  ((Number(hours ?? 0) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1e6 + Number(ms) * 1e3;

/** hh:mm:ss.ttt */
function clock(us: number): string {
  const ms = Math.round(us / 1e3);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor(ms / 3_600_000))}:${two(Math.floor(ms / 60_000) % 60)}:${two(Math.floor(ms / 1000) % 60)}.${String(ms % 1000).padStart(3, '0')}`;
}
