/** "72 % from 5 viewers": the one figure of this product, beside the title. */
import { ShareBar } from '../shell/ShareBar.tsx';
import { useViewer } from '../store/use-viewer.ts';
import { shareWords } from './share-words.ts';

/** What nobody sees need not be drawn. */
const wholePercent = (ratio: number | null): number | null => (ratio === null ? null : Math.round(ratio * 100) / 100);

export function ShareChip() {
  const text = useViewer((state) => shareWords(state.engine).text);
  const ratio = useViewer((state) => wholePercent(shareWords(state.engine).ratio));
  return (
    <p className="share-chip tabular" data-testid="share-chip">
      <span>{text}</span>
      {ratio !== null && <ShareBar ratio={ratio} />}
    </p>
  );
}
