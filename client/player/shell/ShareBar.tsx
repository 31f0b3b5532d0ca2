/**
 * How much of something came from peers: a stream of two waters, and the same in words beside it. Decoration only, which
 * is why it does not glide: figures change each second, and a width that glides costs a layout a frame.
 */
export function ShareBar({ ratio }: { readonly ratio: number }) {
  return (
    <span className="share-bar" aria-hidden="true">
      <span className="share-bar__peers" style={{ width: `${Math.round(Math.min(1, Math.max(0, ratio)) * 100)}%` }} />
    </span>
  );
}
