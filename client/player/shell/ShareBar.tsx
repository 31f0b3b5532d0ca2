/** How much of something came from peers: a stream of two waters, and the same in words beside it. Decoration only. */
export function ShareBar({ ratio }: { readonly ratio: number }) {
  return (
    <span className="share-bar" aria-hidden="true">
      <span className="share-bar__peers" style={{ width: `${Math.min(1, Math.max(0, ratio)) * 100}%` }} />
    </span>
  );
}
