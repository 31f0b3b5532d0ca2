/**
 * What scripted peers do to others, one fault each. All but the witness claim to hold the whole film, so that they are
 * asked for it. Every behaviour tells in JSON lines what it has done, for tests must know that it came to that.
 */
import { Bitfield } from '#protocol/bitfield';
import { chunkIndex, type ChunkIndex } from '#protocol/ids';
import { encode, NO_CHUNK, REJECT_REASON, type Message, type MessageBody } from '#protocol/messages';
import type { ChannelCopy } from './channel-copy.ts';
import { say, type Behaviour, type Talk } from './swarm-member.ts';

type Request = MessageBody<'request'>;

/** Pieces that the quitter hands out before it looks for a chunk to leave unfinished: a few seconds of film. */
const GOOD_PIECES = 12;
/** Pause between two pieces of the dripper: a chunk of the film then takes longer than it lasts. */
const DRIP_MS = 1_500;
/** More than any honest peer says in a burst. */
const STORM = 20_000;

function claimEverything(talk: Talk, { stream, length }: ChannelCopy): void {
  const bits = new Bitfield(length);
  for (let chunk = 0; chunk < length; chunk++) bits.set(chunk);
  talk.send({ name: 'bufferMap', stream, playhead: NO_CHUNK, offset: chunkIndex(0), length, bits: bits.bytes });
  talk.send({ name: 'unchoke' });
}

/** Tells the log truly, so that being asked for pieces does not depend on anything else. */
function answerLog(talk: Talk, message: Message, { entries, entry, stream }: Pick<ChannelCopy, 'entries' | 'stream'> & { entry: ChannelCopy['entry'] }): void {
  if (message.name === 'getRecords') {
    talk.send({ name: 'records', records: entries.slice(message.first, message.first + message.count).map(({ signed }) => signed) });
  } else if (message.name === 'getHashes') {
    const hashes = entry(message.chunk)?.hashes.subarray(message.first * 32, (message.first + message.count) * 32);
    if (hashes !== undefined) talk.send({ name: 'hashes', stream, chunk: message.chunk, first: message.first, hashes });
  }
}

/** A peer that claims everything, tells the log truly and does `serve` with each request. */
function claimant(copy: ChannelCopy, serve: (talk: Talk, request: Request) => void): Behaviour {
  return {
    onGreeted: (talk) => claimEverything(talk, copy),
    onMessage: (talk, message) => {
      if (message.name === 'request') {
        say('requested', { chunk: message.chunk, pieces: message.count });
        serve(talk, message);
      } else {
        answerLog(talk, message, { entries: copy.entries, stream: copy.stream, entry: (chunk) => copy.entry(chunk) });
      }
    },
  };
}

function* piecesOf(request: Request, copy: ChannelCopy): Generator<Extract<Message, { name: 'piece' }>> {
  const { stream, chunk, first, count } = request;
  for (let piece = first; piece < first + count; piece++) {
    const data = copy.piece(chunk, piece);
    if (data !== undefined) yield { name: 'piece', stream, chunk, piece, data };
  }
}

function sendPiece(talk: Talk, message: Extract<Message, { name: 'piece' }>): void {
  talk.send(message);
  say('served', { chunk: message.chunk, piece: message.piece });
}

/** Serves as it should: what the others are measured against. */
const honest = (copy: ChannelCopy): Behaviour =>
  claimant(copy, (talk, request) => {
    for (const message of piecesOf(request, copy)) sendPiece(talk, message);
  });

/** Turns one bit of every piece. */
const liar = (copy: ChannelCopy): Behaviour =>
  claimant(copy, (talk, request) => {
    for (const message of piecesOf(request, copy)) {
      message.data[message.data.length >> 1]! ^= 1;
      sendPiece(talk, message);
    }
  });

/** Takes requests and never answers. */
const mute = (copy: ChannelCopy): Behaviour => claimant(copy, () => undefined);

/** One right piece at a time, and far too seldom. */
function drip(copy: ChannelCopy): Behaviour {
  const queue: { readonly talk: Talk; readonly message: Extract<Message, { name: 'piece' }> }[] = [];
  setInterval(() => {
    const next = queue.shift();
    if (next !== undefined) sendPiece(next.talk, next.message);
  }, DRIP_MS);
  return claimant(copy, (talk, request) => {
    for (const message of piecesOf(request, copy)) queue.push({ talk, message });
  });
}

/**
 * Serves well for a while and is then gone in the middle of a chunk without a word, as a crashed browser is: as soon as
 * the answer to a ping that went out behind its last piece tells that it has arrived.
 */
function quitter(copy: ChannelCopy): Behaviour {
  let served = 0;
  let isLeaving = false;
  const serving = claimant(copy, (talk, request) => {
    for (const message of piecesOf(request, copy)) {
      if (isLeaving) return;
      sendPiece(talk, message);
      served++;
      isLeaving = served > GOOD_PIECES && request.count > 1;
      if (isLeaving) talk.send({ name: 'ping', nonce: served });
    }
  });
  return {
    ...serving,
    onMessage: (talk, message) => {
      if (message.name === 'pong') process.kill(process.pid, 'SIGKILL');
      else serving.onMessage?.(talk, message);
    },
  };
}

/** Claims what it does not have and says so when asked. */
const boaster = (copy: ChannelCopy): Behaviour =>
  claimant(copy, (talk, { stream, chunk, first, count }) => talk.send({ name: 'reject', stream, chunk, first, count, reason: REJECT_REASON.notHeld }));

/** Says of the film's last chunk what the channel has never signed. */
const forger = (copy: ChannelCopy): Behaviour => ({
  onGreeted: (talk) => {
    claimEverything(talk, copy);
    const { record, signature } = copy.entries[copy.length - 1]!.signed;
    const root = record.root.slice();
    root[0]! ^= 1;
    talk.send({ name: 'records', records: [{ record: { ...record, root }, signature }] });
    say('forged');
  },
});

/** Frames that no honest peer sends; each is told by one member of the flood, the last of them talks too much. */
const FRAMES: readonly ((copy: ChannelCopy) => Uint8Array[])[] = [
  () => [Uint8Array.of(255, 1, 2, 3)],
  () => [Uint8Array.of(9, 0, 0)],
  (copy) => [Uint8Array.of(...encode({ name: 'choke' }), 0), encode({ name: 'getRecords', stream: copy.stream, first: chunkIndex(0), count: 60_000 })],
  () => [new Uint8Array(16_384).fill(8)],
  (copy) => [encode({ name: 'request', stream: copy.stream, chunk: chunkIndex(0), first: 0xffff, count: 0xffff, deadlineMs: 0 })],
  () => Array.from({ length: STORM }, (_, nonce) => encode({ name: 'ping', nonce })),
];
export const FLOOD_MEMBERS = FRAMES.length;

let flooding = 0;
const flood = (copy: ChannelCopy): Behaviour => {
  const frames = FRAMES[flooding++ % FRAMES.length]!(copy);
  return {
    onGreeted: (talk) => {
      claimEverything(talk, copy);
      for (const frame of frames) talk.sendBytes(frame);
      say('flooded', { frames: frames.length });
    },
  };
};

/** Asks every neighbour for everything it claims, and compares each piece with the seeder's. */
const witness = (copy: ChannelCopy): Behaviour => {
  const counts = new Map<string, { good: number; bad: number }>();
  const ask = (talk: Talk, chunk: ChunkIndex, isWanted: (piece: number) => boolean): void => {
    for (let piece = 0; copy.piece(chunk, piece) !== undefined; piece++) {
      if (isWanted(piece)) talk.send({ name: 'request', stream: copy.stream, chunk, first: piece, count: 1, deadlineMs: 60_000 });
    }
  };
  return {
    onGreeted: (talk) => talk.send({ name: 'unchoke' }),
    onMessage: (talk, message) => {
      if (message.name === 'bufferMap') {
        const bits = new Bitfield(message.length, message.bits.slice());
        for (let bit = 0; bit < message.length; bit++) if (bits.has(bit)) ask(talk, chunkIndex(message.offset + bit), () => true);
      } else if (message.name === 'have') {
        for (const chunk of message.held) ask(talk, chunk, () => true);
      } else if (message.name === 'havePieces') {
        const bits = new Bitfield(message.bits.length * 8, message.bits.slice());
        ask(talk, message.chunk, (piece) => bits.has(piece));
      } else if (message.name === 'piece') {
        const count = counts.get(talk.remote) ?? { good: 0, bad: 0 };
        counts.set(talk.remote, count);
        if (copy.isRight(message.chunk, message.piece, message.data)) count.good++;
        else count.bad++;
        say('checked', { peer: talk.remote, ...count });
      }
    },
  };
};

export const BEHAVIOURS = { honest, liar, mute, drip, quitter, boaster, forger, flood, witness };
export type BehaviourName = keyof typeof BEHAVIOURS;
