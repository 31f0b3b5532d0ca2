/** Which quality to play, where there is more than one; automatic unless somebody says otherwise. */
import { usePageViewer, useViewer } from '../store/use-viewer.ts';

/** The viewer's own number for "whatever suits the connection". */
const AUTOMATIC = -1;

export function QualityPicker() {
  const viewer = usePageViewer();
  const levels = useViewer((state) => state.levels);
  const level = useViewer((state) => state.level);
  const isAutomatic = useViewer((state) => state.isAutoLevel);
  if (levels.length < 2) return null;
  const playing = levels.find((each) => each.level === level);
  return (
    <label className="quality">
      <span>Quality</span>
      <select
        value={isAutomatic ? AUTOMATIC : level}
        onChange={({ currentTarget: { value } }) => viewer.setLevel(Number(value))}
      >
        <option value={AUTOMATIC}>{playing === undefined ? 'Automatic' : `Automatic (${playing.name})`}</option>
        {levels.map((each) => <option key={each.level} value={each.level}>{each.name}</option>)}
      </select>
    </label>
  );
}
