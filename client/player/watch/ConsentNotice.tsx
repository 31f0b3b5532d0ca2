/**
 * The first-run notice: what sharing means, and three ways to answer. It blocks nothing and covers nothing; until it is
 * answered the stream comes from the server alone.
 */
import type { ReactNode } from 'react';
import type { ConsentStore } from '../consent/consent-store.ts';
import { useStore } from '../store/use-store.ts';

export interface ConsentNoticeProps {
  readonly consent: ConsentStore;
  /** A sentence on where the choice can be changed later. */
  readonly whereToChange: ReactNode;
}

export function ConsentNotice({ consent, whereToChange }: ConsentNoticeProps) {
  const isShown = useStore(consent, (state) => state.isNoticeShown);
  if (!isShown) return null;
  return (
    <section className="consent" aria-labelledby="consent-title" data-testid="consent-notice">
      <div>
        <h2 id="consent-title">Share this stream with other viewers?</h2>
        <p>
          Viewers can send the video to each other instead of all loading the server. If you take part, others who
          watch can see your internet address, and with “Share” you upload while you watch. {whereToChange}
        </p>
      </div>
      <div className="consent__choices">
        <button type="button" className="button button--strong" onClick={() => consent.choose('on')}>Share</button>
        <button type="button" className="button" onClick={() => consent.choose('download')}>Download only</button>
        <button type="button" className="button" onClick={() => consent.choose('off')}>No thanks</button>
      </div>
    </section>
  );
}
