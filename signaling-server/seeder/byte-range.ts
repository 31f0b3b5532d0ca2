/** The Range header (RFC 9110, section 14) for one range of bytes; several ranges are answered with the whole. */

export type RangeAnswer =
  | { readonly kind: 'whole' }
  /** Both inclusive. */
  | { readonly kind: 'part'; readonly first: number; readonly last: number }
  | { readonly kind: 'unsatisfiable' };

const WHOLE: RangeAnswer = { kind: 'whole' };
const ONE_RANGE = /^bytes=(\d{0,15})-(\d{0,15})$/;

/**
 * What to send of `length` bytes. A header that is malformed, of another unit or lists several ranges is ignored, as
 * section 14.2 allows.
 */
export function answerRange(header: string | undefined, length: number): RangeAnswer {
  const match = header === undefined ? null : ONE_RANGE.exec(header.trim());
  if (!match) return WHOLE;
  const [, from = '', to = ''] = match;
  if (from === '') return suffix(to, length);
  const first = Number(from);
  if (to !== '' && Number(to) < first) return WHOLE;
  if (first >= length) return { kind: 'unsatisfiable' };
  return { kind: 'part', first, last: to === '' ? length - 1 : Math.min(Number(to), length - 1) };
}

function suffix(to: string, length: number): RangeAnswer {
  if (to === '') return WHOLE;
  const wanted = Math.min(Number(to), length);
  return wanted === 0 ? { kind: 'unsatisfiable' } : { kind: 'part', first: length - wanted, last: length - 1 };
}

/** Whether a list of entity tags (If-None-Match) names this one; weak comparison, RFC 9110, section 13.1.2. */
export function namesTag(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  return header.split(',').some((one) => {
    const trimmed = one.trim();
    return trimmed === '*' || trimmed.replace(/^W\//, '') === tag;
  });
}
