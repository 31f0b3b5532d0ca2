/**
 * The way back for a page whose channel could not be opened: asks for the channel again, a little later each time, and
 * loads the page anew once it is there. Anew, because a fresh page brings the server's boot data and its word on
 * consent; there is nothing on it yet that could be lost.
 */
import type { Viewer } from '#browser/viewer-api';
import type { Cancel } from '#engine/ports';

export interface RecoveryParts {
  readonly viewer: Pick<Viewer, 'opened' | 'getSnapshot'>;
  /** Whether the server knows the channel now; false also when it cannot be reached. */
  readonly isThere: () => Promise<boolean>;
  /** Calls `action` once, `ms` from now; the answer cancels that. */
  readonly after: (ms: number, action: () => void) => Cancel;
  readonly reload: () => void;
}

/** The first try comes as soon as a restarting server may be back; a page left open overnight asks once in 15 s. */
const FIRST_MS = 2_000;
const LONGEST_MS = 15_000;

export function recoverUnopened({ viewer, isThere, after, reload }: RecoveryParts): Cancel {
  let cancel: Cancel = () => undefined;
  let isOver = false;
  const tryIn = (ms: number): void => {
    if (isOver) return;
    cancel = after(ms, () => {
      void isThere().then((there) => {
        if (there && !isOver) reload();
        else tryIn(Math.min(LONGEST_MS, ms * 1.5));
      });
    });
  };
  void viewer.opened.then(() => {
    const { status, trouble } = viewer.getSnapshot();
    if (status === 'failed' && (trouble === 'unreachable' || trouble === 'unknownChannel')) tryIn(FIRST_MS);
  });
  return () => {
    isOver = true;
    cancel();
  };
}
