/** One connection of an RTMP publisher on its way to a live publisher: cut into chunks, on the channel's own timeline. */
import { clearDates } from '#ingest/fragment';
import { LiveChunker, type LiveChunk } from '#ingest/live-chunker';
import type { RtmpConnection } from '#ingest/node/rtmp-listener';
import { probeSegment } from '#ingest/probe-segment';
import type { StreamFacts } from '#ingest/stream-facts';
import type { LivePublisher, Stretch } from './live-publisher.ts';

/** The channel's one stream: picture and sound together. */
const STREAM = 0;

export function rtmpConnection(publisher: LivePublisher): RtmpConnection {
  let [stretch, chunker]: [Stretch | undefined, LiveChunker | undefined] = [undefined, undefined];
  const take = (chunk: LiveChunk | undefined): void => {
    if (chunk) stretch?.chunk(STREAM, chunk);
  };
  return {
    started(sent) {
      const init = Uint8Array.from(sent);
      clearDates(init);
      stretch = publisher.begin([{ init, extension: 'm4s', isProgressive: true, facts: lookInto }]);
      const { startUs, sequence } = stretch.next(STREAM);
      chunker = new LiveChunker({ init, startUs, firstIndex: sequence, targetUs: publisher.targetUs });
    },
    fragment: (bytes) => take(chunker?.push(bytes)),
    ended() {
      take(chunker?.flush());
      stretch?.ended();
    },
  };
}

/** What a source that says nothing of itself is. @throws IngestError where browsers do not play it. */
export const lookInto = async (first: Uint8Array): Promise<StreamFacts> => ({ ...(await probeSegment('the live source', first)), language: '', name: '' });
