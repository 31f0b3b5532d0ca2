/** Which quality to play, where there is more than one; automatic unless somebody says otherwise. */
import { formatBitRate } from '../format/bytes.ts';
import { usePageViewer, useViewer } from '../store/use-viewer.ts';
import type { QualityLevel } from '../viewer-port.ts';

const nameOf = (level: QualityLevel): string =>
  level.height > 0 ? `${level.height}p` : level.name || formatBitRate(level.bitsPerSecond);

export function QualityPicker() {
  const viewer = usePageViewer();
  const levels = useViewer((state) => state.levels);
  const level = useViewer((state) => state.level);
  const isAutomatic = useViewer((state) => state.isLevelAutomatic);
  if (levels.length < 2) return null;
  const playing = levels.find(({ index }) => index === level);
  return (
    <label className="quality">
      <span>Quality</span>
      <select
        value={isAutomatic || level === null ? 'auto' : String(level)}
        onChange={({ currentTarget: { value } }) => viewer.setLevel(value === 'auto' ? null : Number(value))}
      >
        <option value="auto">{playing === undefined ? 'Automatic' : `Automatic (${nameOf(playing)})`}</option>
        {levels.map((each) => <option key={each.index} value={each.index}>{nameOf(each)}</option>)}
      </select>
    </label>
  );
}
