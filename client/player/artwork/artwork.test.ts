// A channel's artwork depends on its id alone and stays inside its field.
import { describe, expect, it } from 'vitest';
import { ARTWORK_HEIGHT, drawArtwork } from './artwork.ts';

const IDS = Array.from({ length: 60 }, (_, at) => `channel-${at}`);

describe('drawArtwork', () => {
  it('draws the same picture for the same id, and another for another', () => {
    expect(drawArtwork('one')).toEqual(drawArtwork('one'));
    expect(drawArtwork('one')).not.toEqual(drawArtwork('two'));
  });

  it('uses every hue over many channels', () => {
    expect(new Set(IDS.map((id) => drawArtwork(id).hue)).size).toBe(8);
  });

  it('lets all strands end at one mouth inside the field', () => {
    for (const id of IDS) {
      const mouths = drawArtwork(id).strands.map(({ path }) => Number(path.split(' ').at(-1)));
      expect(new Set(mouths).size).toBe(1);
      expect(mouths[0]).toBeGreaterThan(0);
      expect(mouths[0]).toBeLessThan(ARTWORK_HEIGHT);
    }
  });
});
