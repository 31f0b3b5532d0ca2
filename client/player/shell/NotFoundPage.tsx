/** For a path that leads nowhere. */
import { usePageTitle } from './use-page-title.ts';

export function NotFoundPage() {
  usePageTitle('Not found');
  return (
    <div className="notice-page">
      <h1>There is no page here</h1>
      <p>The link may be incomplete or out of date. All channels of this server are on its first page.</p>
      <a className="button button--strong" href="/">See the channels</a>
    </div>
  );
}
