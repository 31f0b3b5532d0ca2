// An origin's playlists as they grow, told step by step; hosting/live-origin.test.ts has real ones.
import { describe, expect, it } from 'vitest';
import { utf8 } from '#protocol/utf8';
import { IngestError } from '../ingest-error.ts';
import type { HlsPlace } from '../package-hls.ts';
import { OriginFollower } from './follow-origin.ts';

/** What a follower said, a word for each call: `begin v2[h1]+a2` is a stretch whose first segments are those. */
class Told {
  readonly said: string[] = [];
  readonly files = new Map<string, string>();
  readonly follower: OriginFollower;
  #next: (() => void) | undefined;
  #asked: (() => void) | undefined;

  constructor(...names: string[]) {
    const place: HlsPlace = {
      resolve: (_, uri) => Promise.resolve(uri),
      readText: (name) => this.#read(name),
      readPart: async (name) => utf8(await this.#read(name)),
      keyUri: (_, uri) => Promise.resolve(`https://origin/${uri}`),
    };
    this.follower = new OriginFollower({
      sources: names.map((name) => ({ reference: name, said: {}, isSubtitles: false })), place,
      after: (_ms, run) => {
        this.#next = run;
        this.#asked?.();
        return () => (this.#next = undefined);
      },
      onStretch: (streams, backlogUs) => {
        const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
        const firsts = streams.map(({ init, keys, first }) => text(first.bytes) + (init.length > 0 ? `[${text(init)}]` : '') + keys.map(({ attributes }) => `{${attributes}}`).join(''));
        this.said.push(`begin ${firsts.join('+')} of ${backlogUs / 1e6} s`);
        return {
          chunk: (stream, { bytes, mediaSequence }, { discontinuities, init }) => void this.said.push(`${stream}:${text(bytes)}#${mediaSequence}${discontinuities > 0 ? ` break ${discontinuities}` : ''}${init ? ` [${text(init)}]` : ''}`),
          ended: () => void this.said.push('ended'),
        };
      },
      onTrouble: (sentence) => void this.said.push(sentence),
    });
  }

  /** The next look at the playlists. @returns what was said because of it. */
  async look(): Promise<string[]> {
    const before = this.said.length;
    const asked = new Promise<void>((resolve) => (this.#asked = resolve));
    this.#next!();
    await asked;
    return this.said.slice(before);
  }

  /** A playlist: segments of 2 s by their names, other lines as they are. */
  lists(name: string, from: number, ...lines: string[]): void {
    const body = lines.flatMap((line) => (line.startsWith('#') ? [line] : ['#EXTINF:2,', `${line}.ts`]));
    this.files.set(name, ['#EXTM3U', `#EXT-X-MEDIA-SEQUENCE:${from}`, ...body].join('\n'));
    for (const line of lines) if (!line.startsWith('#')) this.files.set(`${line}.ts`, line);
  }

  async #read(name: string): Promise<string> {
    const text = this.files.get(name);
    if (text === undefined) throw new IngestError('unreachable', `${name} is gone.`);
    return Promise.resolve(text);
  }
}

describe('following the playlists of an origin', () => {
  it('begins three segments behind the newest, with all streams together, and goes on with each', async () => {
    const told = new Told('v', 'a');
    told.lists('v', 5, 'v5', 'v6', 'v7', 'v8');
    told.lists('a', 4, 'a4', 'a5', 'a6', 'a7');
    await told.follower.start();
    expect(told.said).toEqual(['begin v6+a6 of 6 s', '0:v6#6', '1:a6#6', '0:v7#7', '1:a7#7', '0:v8#8']);
    expect(await told.look()).toEqual([]);
    told.lists('a', 5, 'a5', 'a6', 'a7', 'a8');
    expect(await told.look()).toEqual(['1:a8#8']);
  });

  it('waits with a stretch for all of its streams', async () => {
    const told = new Told('v', 'a');
    told.lists('v', 0, 'v0');
    told.lists('a', 0);
    await told.follower.start();
    told.lists('a', 0, 'a0');
    expect(await told.look()).toEqual(['begin v0+a0 of 2 s', '0:v0#0', '1:a0#0']);
  });

  it('passes on the breaks that the playlists count, and the headers that come with them', async () => {
    const told = new Told('v', 'a');
    for (const header of ['h1', 'h2']) told.files.set(header, header);
    told.lists('v', 0, '#EXT-X-MAP:URI="h1"', 'v0');
    told.lists('a', 0, '#EXT-X-MAP:URI="h1"', 'a0');
    await told.follower.start();
    expect(told.said[0]).toBe('begin v0[h1]+a0[h1] of 2 s');
    told.lists('v', 0, '#EXT-X-MAP:URI="h1"', 'v0', '#EXT-X-DISCONTINUITY', '#EXT-X-MAP:URI="h2"', 'v1', 'v2');
    told.lists('a', 0, '#EXT-X-MAP:URI="h1"', 'a0', 'a1');
    expect(await told.look()).toEqual(['0:v1#1 break 1 [h2]', '1:a1#1', '0:v2#2 break 1']);
    // What left the list is counted in its sequence.
    told.lists('a', 1, '#EXT-X-DISCONTINUITY-SEQUENCE:1', '#EXT-X-MAP:URI="h1"', 'a1', '#EXT-X-MAP:URI="h2"', 'a2');
    told.lists('v', 2, '#EXT-X-DISCONTINUITY-SEQUENCE:1', '#EXT-X-MAP:URI="h2"', 'v2');
    expect(await told.look()).toEqual(['1:a2#2 break 1 [h2]']);
  });

  it.each<[string, number, string[]]>([
    ['what was missed', 3, ['v3', 'v4']],
    ['numbers that begin anew', 0, ['w0']],
  ])('begins anew after %s', async (_, from, names) => {
    const told = new Told('v');
    told.lists('v', 0, 'v0', 'v1');
    await told.follower.start();
    told.lists('v', from, ...names);
    expect(await told.look()).toEqual(['ended', `begin ${names[0]} of ${names.length * 2} s`, ...names.map((name, at) => `0:${name}#${from + at}`)]);
  });

  it('goes on behind a break of its own where a key changes, which the source has not left for', async () => {
    const told = new Told('v');
    told.lists('v', 7, '#EXT-X-KEY:METHOD=AES-128,URI="k1"', 'v7');
    await told.follower.start();
    expect(told.said).toEqual(['begin v7{METHOD=AES-128,URI="https://origin/k1"} of 2 s', '0:v7#7']);
    told.lists('v', 7, '#EXT-X-KEY:METHOD=AES-128,URI="k1"', 'v7', 'v8', '#EXT-X-KEY:METHOD=AES-128,URI="k2"', 'v9');
    expect(await told.look()).toEqual(['0:v8#8']);
    expect(await told.look()).toEqual(['begin v9{METHOD=AES-128,URI="https://origin/k2"} of 2 s', '0:v9#9']);
  });

  it('passes nothing over where a key changes in the middle of much that is new, and begins together after a gap', async () => {
    const told = new Told('v', 'a');
    const [K1, K2] = ['#EXT-X-KEY:METHOD=AES-128,URI="k1"', '#EXT-X-KEY:METHOD=AES-128,URI="k2"'];
    told.lists('v', 0, K1, 'v0');
    told.lists('a', 0, 'a0');
    await told.follower.start();
    told.lists('v', 0, K1, 'v0', K2, 'v1', 'v2', 'v3', 'v4', 'v5');
    told.lists('a', 0, 'a0', 'a1', 'a2', 'a3', 'a4', 'a5');
    expect(await told.look()).toEqual([]);
    expect((await told.look()).filter((word) => !word.startsWith('1'))).toEqual(['begin v1{METHOD=AES-128,URI="https://origin/k2"}+a1 of 10 s', '0:v1#1', '0:v2#2', '0:v3#3', '0:v4#4', '0:v5#5']);
    told.lists('v', 7, K2, 'v7', 'v8');
    told.lists('a', 6, 'a6', 'a7');
    expect((await told.look()).slice(0, 2)).toEqual(['ended', 'begin v7{METHOD=AES-128,URI="https://origin/k2"}+a7 of 4 s']);
  });

  it('says so where the origin no longer answers, and goes on when it does', async () => {
    const told = new Told('v');
    told.lists('v', 0, 'v0');
    await told.follower.start();
    const list = told.files.get('v')!;
    told.files.delete('v');
    expect(await told.look()).toEqual([]);
    expect(await told.look()).toEqual([]);
    expect(await told.look()).toEqual([expect.stringMatching(/does not answer as it did: v is gone/), 'ended']);
    told.files.set('v', list);
    told.lists('v', 0, 'v0', 'v1');
    expect(await told.look()).toEqual(['begin v1 of 2 s', '0:v1#1']);
  });
});
