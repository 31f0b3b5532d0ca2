/** Names the document. Not a `<title>` element of React's: the one in index.html comes first and would win. */
import { useEffect } from 'react';

/** `part` is what tells this page from others, or null for the product's name alone. */
export function usePageTitle(part: string | null): void {
  useEffect(() => {
    document.title = part === null ? 'Tributary' : `${part} · Tributary`;
  }, [part]);
}
