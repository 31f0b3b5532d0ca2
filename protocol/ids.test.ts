import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base64ToBytes, bytesToBase64 } from './base64.ts';
import { idToBytes, idToText, isIdText, parseChannelId, parsePeerId } from './ids.ts';
import { bytesOf } from './testing/arbitraries.ts';
import { utf8 } from './utf8.ts';

describe('ids', () => {
  it('W-6: come back from text as they went, and only one text stands for one id', () => {
    fc.assert(
      fc.property(bytesOf(20), (bytes) => {
        const text = idToText(bytes);
        expect(isIdText(text)).toBe(true);
        expect(idToBytes(text)).toEqual(bytes);
        expect([parseChannelId(text), parsePeerId(text)]).toEqual([text, text]);
      }),
    );
    fc.assert(fc.property(fc.stringMatching(/^[a-z2-7]{32}$/), (text) => { expect(idToText(idToBytes(text))).toBe(text); }));
  });

  it('W-6: are base32 of RFC 4648 in lower case', () => {
    // Section 10 of the RFC: "foobar" is MZXW6YTBOI; four times "fooba" is 20 bytes.
    expect(idToText(utf8('fooba'.repeat(4)))).toBe('mzxw6ytb'.repeat(4));
  });

  it.each(['', 'a'.repeat(31), 'a'.repeat(33), 'A'.repeat(32), '1'.repeat(32), `${'a'.repeat(31)}=`, `${'a'.repeat(32)}\n`, 'ä'.repeat(32)])(
    'W-6: %j is no id',
    (text) => {
      expect(isIdText(text)).toBe(false);
      for (const parse of [parseChannelId, parsePeerId, idToBytes]) expect(() => parse(text)).toThrow(RangeError);
    },
  );

  it('have 20 bytes and no other number of them', () => {
    expect(() => idToText(new Uint8Array(19))).toThrow(RangeError);
    expect(() => idToText(new Uint8Array(21))).toThrow(RangeError);
  });
});

describe('base64', () => {
  it('is what Node makes of the same bytes, both ways', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const text = bytesToBase64(bytes);
        expect(text).toBe(Buffer.from(bytes).toString('base64'));
        expect(base64ToBytes(text)).toEqual(bytes);
        expect(base64ToBytes(text.replace(/=+$/, ''))).toEqual(bytes);
      }),
    );
  });

  it.each(['a b=', 'ab=c', 'a-_b', 'ä', 'ab\n='])('refuses %j', (text) => {
    expect(() => base64ToBytes(text)).toThrow(RangeError);
  });
});

describe('utf8', () => {
  it('is what Node makes of the same text, lone surrogates included', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => { expect(utf8(text)).toEqual(new Uint8Array(Buffer.from(text, 'utf8'))); }));
    expect([...utf8('\ud800')]).toEqual([0xef, 0xbf, 0xbd]);
  });
});
