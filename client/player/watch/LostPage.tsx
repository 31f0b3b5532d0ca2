/** For a watch link that cannot hold a channel: the same sentence as over a picture, without one. */
import { usePageTitle } from '../shell/use-page-title.ts';
import { NO_SUCH_LINK } from './watch-status.ts';

export function LostPage() {
  usePageTitle('No such channel');
  return (
    <div className="notice-page">
      <h1 data-testid="status">{NO_SUCH_LINK.sentence}</h1>
      <p>{NO_SUCH_LINK.advice}</p>
      <a className="button button--strong" href="/" target="_top">See the channels</a>
    </div>
  );
}
