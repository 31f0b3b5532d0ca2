/**
 * Listens for one RTMP publisher at a time (OBS, ffmpeg): ffmpeg does, and is watched. It ends with each publisher and is
 * started again at once; where it cannot even start, after ever longer pauses. It does not refuse a wrong stream key, it
 * only says so: such a publisher is cut off here before anything of it is used.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Readable } from 'node:stream';
import { readTracks } from '../fragment.ts';
import { FragmentStream } from '../fragment-stream.ts';
import { IngestError, systemCode } from '../ingest-error.ts';

/** Where to publish to. OBS wants server (`rtmp://…/live`) and key apart; ffmpeg wants them in one address. */
export interface RtmpPlace {
  readonly address: string;
  readonly port: number;
  readonly streamKey: string;
}

/** One connection of a publisher. Calls come in order; after `ended` there are none. */
export interface RtmpConnection {
  /** ftyp and moov. */
  started(init: Uint8Array): void;
  /** moof and mdat, beginning with a keyframe where there is a picture. */
  fragment(bytes: Uint8Array): void;
  ended(): void;
}

export interface RtmpListenerNeeds {
  readonly ffmpeg: string;
  readonly place: RtmpPlace;
  after(ms: number, run: () => void): () => void;
  /** Somebody with the right key has begun to send. */
  onConnected(): RtmpConnection;
  /** What a host should know: a wrong key, an ffmpeg that fails; one sentence. */
  onTrouble(sentence: string): void;
}

/** The application part of the address; OBS calls the whole `rtmp://host/live` the server. */
const APPLICATION = 'live';
/** A publisher that sends nothing for so long is gone, whatever its connection says. */
const SILENCE_MS = 8_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** ffmpeg looks at the stream's beginning for so long, microseconds: enough to find a second track, or that there is none. */
const ANALYSE_US = 2_000_000;

/** Fragments of a publisher that sends sound alone, microseconds: half of a common chunk. */
const SOUND_FRAGMENT_US = 1_000_000;

export const rtmpServer = ({ address, port }: RtmpPlace): string => `rtmp://${address.includes(':') ? `[${address}]` : address}:${port}/${APPLICATION}`;

export class RtmpListener {
  readonly #needs: RtmpListenerNeeds;
  #child: ChildProcess | undefined;
  #cancelPause: () => void = () => undefined;
  #failures = 0;
  #isClosed = false;

  constructor(needs: RtmpListenerNeeds) {
    this.#needs = needs;
  }

  /** @throws IngestError when the port is taken or may not be used. */
  async start(): Promise<void> {
    await requireFreePort(this.#needs.place);
    this.#listen();
  }

  /** Idempotent; resolves when ffmpeg is gone. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelPause();
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'close');
  }

  #listen(): void {
    if (this.#isClosed) return;
    const { ffmpeg, place } = this.#needs;
    const child = spawn(ffmpeg, listenArguments(place), { stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'] });
    this.#child = child;
    let connection: RtmpConnection | undefined;
    let [isRefused, lastWords] = [false, ''];
    const refuse = (sentence: string): void => {
      if (!isRefused) this.#needs.onTrouble(sentence);
      isRefused = true;
      child.kill('SIGKILL');
    };
    child.stderr!.on('data', (data) => {
      lastWords = (lastWords + String(data)).slice(-2000);
      if (/Unexpected stream|App field don't match/.test(lastWords)) refuse('Somebody tried to publish with a wrong address or stream key, and was cut off.');
    });
    /** Takes one of ffmpeg's two outputs: of a publisher with a picture the one cut at keyframes, else the other. */
    const take = (output: Readable, isOfPictures: boolean): void => {
      const stream = new FragmentStream();
      let isWanted = false;
      output.on('data', (data: Uint8Array) => {
        if (isRefused) return;
        try {
          for (const part of stream.push(data)) {
            if (part.kind === 'init') isWanted = readTracks(part.bytes).some(({ isVideo }) => isVideo) === isOfPictures;
            if (!isWanted) continue;
            if (part.kind === 'fragment') connection?.fragment(part.bytes);
            else (connection ??= this.#needs.onConnected()).started(part.bytes);
          }
        } catch (error) {
          refuse(`What the publisher sends cannot be used: ${error instanceof Error ? error.message : String(error)}`);
        }
      });
    };
    take(child.stdout!, true);
    take(child.stdio[4] as Readable, false);
    const cancelWatch = this.#watch(child, () => refuse('The publisher stopped sending without a goodbye.'));
    child.on('error', (error) => (lastWords = error.message));
    child.on('close', () => {
      cancelWatch();
      connection?.ended();
      if (connection || isRefused) this.#failures = 0;
      else this.#failed(lastWords);
      this.#cancelPause = this.#needs.after(this.#failures === 0 ? 0 : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#failures), () => this.#listen());
    });
  }

  #failed(lastWords: string): void {
    this.#failures += 1;
    if (this.#isClosed || this.#failures !== 3) return;
    this.#needs.onTrouble(`ffmpeg cannot listen for RTMP (${lastWords.trim().split('\n').at(-1) ?? 'no reason given'}); it is tried again.`);
  }

  /** ffmpeg tells its progress twice a second while it receives, and nothing while it waits. */
  #watch(child: ChildProcess, onSilence: () => void): () => void {
    let cancel = (): void => undefined;
    (child.stdio[3] as Readable).on('data', () => {
      cancel();
      cancel = this.#needs.after(SILENCE_MS, onSilence);
    });
    return () => cancel();
  }
}

function listenArguments(place: RtmpPlace): string[] {
  return [
    '-hide_banner', '-nostdin', '-loglevel', 'warning', '-stats_period', '0.5', '-progress', 'pipe:3',
    '-listen', '1', '-analyzeduration', String(ANALYSE_US), '-i', `${rtmpServer(place)}/${place.streamKey}`,
    // A fragment for each keyframe, written as soon as the next one is seen.
    ...fragments('+frag_keyframe', 'pipe:1'),
    // Sound alone has no keyframes to cut at.
    ...fragments('', 'pipe:4', '-frag_duration', String(SOUND_FRAGMENT_US)),
  ];
}

/** Picture and sound as they come, in fragmented MP4. */
const fragments = (cut: string, pipe: string, ...more: string[]): string[] => [
  '-map', '0:v:0?', '-map', '0:a:0?', '-c', 'copy', '-f', 'mp4', '-movflags', `${cut}+empty_moov+default_base_moof+skip_trailer`, ...more, '-flush_packets', '1', pipe,
];

/** ffmpeg would only say so on its way out, again and again. */
async function requireFreePort({ address, port }: RtmpPlace): Promise<void> {
  const probe = createServer();
  try {
    probe.listen(port, address);
    await once(probe, 'listening');
  } catch (error) {
    const code = systemCode(error);
    const why = code === 'EADDRINUSE' ? 'is in use: stop what uses it, or choose another' : 'cannot be used here: choose another';
    throw new IngestError('portTaken', `Port ${port} for RTMP ${why} with --live rtmp:<port>.`, error);
  } finally {
    probe.close();
  }
}
