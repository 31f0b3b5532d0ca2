/**
 * What neighbours say, handed to whoever it concerns. Every message is hostile until decoded, checked and allowed by
 * the state of the conversation; whoever breaks the rules loses its place (SPEC X-1), and nothing else happens.
 */
import { WireError } from '#protocol/field';
import { checkMessage } from '#protocol/message-rules';
import { decode, GOODBYE_REASON, REJECT_REASON, type Message } from '#protocol/messages';
import { pieceCount } from '#protocol/record';
import type { Forwarder } from './forwarder.ts';
import type { LogKeeper } from './log-keeper.ts';
import type { Neighbour } from './neighbour.ts';
import type { Clock } from './ports.ts';
import type { Requester } from './requester.ts';
import type { Subscriptions } from './subscriptions.ts';
import type { Swarm } from './swarm.ts';
import type { Uploader } from './uploader.ts';

export interface ConversationOptions {
  readonly clock: Clock;
  readonly swarm: Swarm;
  readonly log: LogKeeper;
  readonly requester: Requester;
  readonly uploader: Uploader;
  readonly forwarder: Forwarder;
  readonly subscriptions: Subscriptions;
  /** What is held where has changed. */
  readonly onNews: () => void;
}

/** Messages other than pieces: a burst, and a rate a second. A chunk costs a neighbour about a dozen. */
const ALLOWANCE_BURST = 2_000;
const ALLOWANCE_PER_SECOND = 500;
/** Bytes nobody asked for that one neighbour may send: crossing cancels explain some, not this many. */
const MAX_WASTED_BYTES = 8 * 1024 * 1024;

/** A neighbour that does not serve is asked again after this. */
const REFUSED_PAUSE_MS = 1_000;
/** One that is too busy to serve in time, after this: two pieces of a slow uplink. */
const BUSY_PAUSE_MS = 400;

export class Conversation {
  readonly #options: ConversationOptions;

  constructor(options: ConversationOptions) {
    this.#options = options;
  }

  onMessage(neighbour: Neighbour, bytes: Uint8Array): void {
    const message = this.#open(neighbour, bytes);
    if (!message) return;
    neighbour.controlBytes += message.name === 'piece' ? bytes.length - message.data.length : bytes.length;
    if (message.name === 'hello') {
      if (neighbour.state === 'greeting') this.#options.swarm.onHello(neighbour, message);
      else this.#options.swarm.ban(neighbour);
      return;
    }
    if (neighbour.state !== 'active') {
      // Nothing of it counts; but a lost greeting can be the transport's fault, so the door stays open.
      this.#options.swarm.dismiss(neighbour, GOODBYE_REASON.incompatible);
      return;
    }
    if (message.name !== 'piece' && !this.#isAllowed(neighbour)) {
      this.#options.swarm.ban(neighbour);
      return;
    }
    this.#hand(neighbour, message);
  }

  #open(neighbour: Neighbour, bytes: Uint8Array): Message | null {
    try {
      const message = decode(bytes);
      if (checkMessage(message) === null) return message;
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
    }
    this.#options.swarm.ban(neighbour);
    return null;
  }

  #hand(neighbour: Neighbour, message: Exclude<Message, { name: 'hello' }>): void {
    const { clock, swarm, log, requester, uploader, forwarder, subscriptions, onNews } = this.#options;
    switch (message.name) {
      case 'bufferMap':
        neighbour.hasSpoken = true;
        if (this.#isOurStream(message.stream)) neighbour.stream(message.stream).replace(message, clock.nowMs());
        onNews();
        break;
      case 'have':
        neighbour.hasSpoken = true;
        if (this.#isOurStream(message.stream)) neighbour.stream(message.stream).update(message, clock.nowMs());
        onNews();
        break;
      case 'havePieces':
        this.#onHavePieces(neighbour, message);
        break;
      case 'piece':
        requester.onPiece(neighbour, message);
        if (neighbour.wastedBytes > MAX_WASTED_BYTES) swarm.ban(neighbour);
        onNews();
        break;
      case 'request':
        uploader.onRequest(neighbour, message);
        break;
      case 'cancel':
        uploader.onCancel(neighbour, message);
        break;
      case 'reject':
        requester.onReject(neighbour, message);
        if (message.reason === REJECT_REASON.notHeld) neighbour.streams.get(message.stream)?.lacks(message.chunk);
        else if (message.reason === REJECT_REASON.choked || message.reason === REJECT_REASON.notUploading) neighbour.snubbedUntilMs = clock.nowMs() + REFUSED_PAUSE_MS;
        else neighbour.busyUntilMs = clock.nowMs() + BUSY_PAUSE_MS;
        onNews();
        break;
      case 'choke':
        neighbour.isChokedByThem = true;
        requester.release(neighbour);
        subscriptions.drop(neighbour);
        onNews();
        break;
      case 'unchoke':
        neighbour.isChokedByThem = false;
        onNews();
        break;
      case 'records':
        log.onRecords(neighbour, message);
        break;
      case 'getRecords':
        log.onGetRecords(neighbour, message);
        break;
      case 'getHashes':
        log.onGetHashes(neighbour, message);
        break;
      case 'hashes':
        log.onHashes(neighbour, message);
        break;
      case 'peers':
        swarm.onPeers(neighbour, message);
        break;
      case 'relay':
        swarm.onRelay(neighbour, message);
        break;
      case 'ping':
        neighbour.send({ name: 'pong', nonce: message.nonce });
        break;
      case 'pong':
        this.#onPong(neighbour, message.nonce);
        break;
      case 'goodbye':
        swarm.onGoodbye(neighbour, message.reason);
        break;
      case 'subscribe':
        forwarder.onSubscribe(neighbour, message);
        break;
      case 'unsubscribe':
        forwarder.onUnsubscribe(neighbour, message);
        subscriptions.onUnsubscribe(neighbour, message);
        onNews();
        break;
    }
  }

  #onHavePieces(neighbour: Neighbour, message: Extract<Message, { name: 'havePieces' }>): void {
    neighbour.hasSpoken = true;
    if (!this.#isOurStream(message.stream)) return;
    const record = this.#options.log.get(message.stream)?.record(message.chunk);
    const isFitting = neighbour.stream(message.stream).updatePieces(message.chunk, message.bits, record ? pieceCount(record.bytes) : null);
    if (isFitting) this.#options.onNews();
    else this.#options.swarm.ban(neighbour);
  }

  #onPong(neighbour: Neighbour, nonce: number): void {
    if (nonce !== neighbour.pingNonce || neighbour.pingSentMs === null) return;
    const sampleMs = this.#options.clock.nowMs() - neighbour.pingSentMs;
    neighbour.distanceMs = Math.min(neighbour.distanceMs ?? sampleMs, sampleMs);
    // Smoothing as in TCP (RFC 6298, section 2).
    neighbour.rttMs = neighbour.rttMs === null ? sampleMs : neighbour.rttMs * 0.875 + sampleMs * 0.125;
  }

  #isOurStream(stream: Parameters<LogKeeper['get']>[0]): boolean {
    return this.#options.log.get(stream) !== undefined;
  }

  #isAllowed(neighbour: Neighbour): boolean {
    const nowMs = this.#options.clock.nowMs();
    const earned = ((nowMs - neighbour.allowanceAtMs) * ALLOWANCE_PER_SECOND) / 1000;
    neighbour.allowance = Math.min(ALLOWANCE_BURST, neighbour.allowance + earned);
    neighbour.allowanceAtMs = nowMs;
    if (neighbour.allowance < 1) return false;
    neighbour.allowance--;
    return true;
  }
}
