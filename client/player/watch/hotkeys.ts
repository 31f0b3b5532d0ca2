/**
 * Lets the player's keys work while nothing in particular has the focus: media-chrome listens only inside itself, and
 * people press space without having clicked first.
 */

/** Left out: the arrows up and down, which scroll the page. */
const FORWARDED = new Set([' ', 'k', 'm', 'f', 'c', 'j', 'l', 'ArrowLeft', 'ArrowRight']);

/** Passes keys on to `player` until the answer is called. */
export function forwardHotkeys(page: Document, player: HTMLElement): () => void {
  const forward = (event: KeyboardEvent): void => {
    const isTyped = event.ctrlKey || event.metaKey || event.altKey;
    if (event.target !== page.body || isTyped || !FORWARDED.has(event.key)) return;
    // Space would scroll.
    event.preventDefault();
    player.dispatchEvent(new KeyboardEvent(event.type, { key: event.key, code: event.code, shiftKey: event.shiftKey }));
  };
  page.addEventListener('keydown', forward);
  page.addEventListener('keyup', forward);
  return () => {
    page.removeEventListener('keydown', forward);
    page.removeEventListener('keyup', forward);
  };
}
