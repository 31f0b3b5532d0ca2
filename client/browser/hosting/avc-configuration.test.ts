// What Firefox 153 said of a camera of 1280x720, and what others say of theirs.
import { describe, expect, it } from 'vitest';
import { mendAvcConfiguration } from './avc-configuration.ts';

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex');

const SETS = { sps: '6764001facd9405005ba10000003001001e84800f1831960', pps: '68ebecb22c' };
const WELL = bytes(`01 64001f ff e1 0018 ${SETS.sps} 01 0005 ${SETS.pps}`);

describe('mendAvcConfiguration', () => {
  it('takes out what Firefox writes twice, and sets what it leaves out', () => {
    const fromFirefox = bytes(`01 64001f 03 01 0019 67${SETS.sps} 01 0006 68${SETS.pps}`);
    expect(hex(mendAvcConfiguration(fromFirefox))).toBe(hex(WELL));
  });

  it('keeps what follows the parameter sets', () => {
    expect(hex(mendAvcConfiguration(bytes(`01 64001f 03 01 0019 67${SETS.sps} 01 0006 68${SETS.pps} fdf8f800`)))).toBe(`${hex(WELL)}fdf8f800`);
  });

  it('leaves alone what is well, what is empty and what is something else', () => {
    for (const record of [WELL, bytes(`01 67001f ff e1 0018 ${SETS.sps}`), new Uint8Array(0), bytes('01')]) expect(mendAvcConfiguration(record)).toBe(record);
  });
});
