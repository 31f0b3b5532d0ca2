/** The live badge in the controls: says how far behind live the picture is, and jumps to live. */
import { formatSeconds } from '../format/durations.ts';
import { usePageViewer, useViewer } from '../store/use-viewer.ts';

export function LiveButton() {
  const viewer = usePageViewer();
  const live = useViewer((state) => state.live);
  const isAtLive = live?.isAtLive ?? true;
  return (
    <button
      type="button" className="live-button" data-at-live={isAtLive} data-testid="live-button"
      onClick={() => viewer.jumpToLive()}
    >
      <span className="live-button__dot" aria-hidden="true" />
      <span>Live</span>
      {live !== null && <span className="live-button__lag tabular">{formatSeconds(live.behindMs)} behind</span>}
      <span className={isAtLive ? 'visually-hidden' : 'live-button__jump'}>Jump to live</span>
    </button>
  );
}
