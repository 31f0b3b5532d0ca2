/**
 * Who may send how fast. A host has one uplink and one downlink, each a queue served at its capacity: the uplink takes
 * turns among flows by deficit round robin (Shreedhar and Varghese, 1995), the downlink takes what arrives in order.
 * A flow has a window of bytes under way; that is what makes many senders share one downlink evenly and what bounds
 * the queue there, as congestion control does, without simulating packets. Capacities count payload bytes.
 * Host, flow and network are in one file, longer than others, because a byte's way leads through all three.
 */
import type { Random } from '#engine/ports';
import { canConnect, type NatClass, type Place, type Topology } from './topology.ts';
import { VirtualEvent, type VirtualClock } from './virtual-clock.ts';

/** Turn of a flow at its uplink, bytes: at least the largest message, or a flow could wait for several turns. */
const QUANTUM_BYTES = 16 * 1024 + 64;
/** An idle uplink is handed the next message this much ahead of time: fewer events, and no byte leaves any sooner. */
const LOOK_AHEAD_MS = 0.25;
/** Acknowledgements this close together count as one. */
const CREDIT_STEP_MS = 1;
/** Stands where a message was taken from a queue. */
const NOTHING = new Uint8Array(0);
/** Payload of one packet, for loss: what dcSCTP and TCP fit into 1280 to 1500 bytes. */
const PACKET_BYTES = 1180;

export interface NetworkOptions {
  readonly topology: Topology;
  /** Chance that a packet is lost; it then comes one and a half round trips later, and all behind it wait. */
  readonly packetLoss: number;
  readonly random: Random;
}

export interface HostOptions {
  readonly upBytesPerSecond: number;
  readonly downBytesPerSecond: number;
  readonly place: Place;
  readonly nat: NatClass;
}

export class Host {
  readonly place: Place;
  readonly nat: NatClass;
  upBytesPerMs: number;
  downBytesPerMs: number;
  isAlive = true;
  /** Moments at which what is promised so far has passed the link. */
  upFreeAt = 0;
  downFreeAt = 0;
  sentBytes = 0;
  receivedBytes = 0;
  /** Bytes taken from this host's flows that reached nobody: the receiver, the flow or this host was gone. */
  lostBytes = 0;
  /** Flows with something to send and room in their window, in turn. */
  readonly turns: Flow[] = [];
  turn = 0;
  isPumping = false;
  readonly flows = new Set<Flow>();

  constructor(options: HostOptions) {
    this.place = options.place;
    this.nat = options.nat;
    this.upBytesPerMs = options.upBytesPerSecond / 1000;
    this.downBytesPerMs = options.downBytesPerSecond / 1000;
  }
}

class Wake extends VirtualEvent {
  readonly #run: () => void;
  constructor(run: () => void) {
    super();
    this.#run = run;
  }
  fire(): void {
    this.#run();
  }
}

class Packet extends VirtualEvent {
  readonly #flow: Flow;
  readonly bytes: Uint8Array;
  constructor(flow: Flow, bytes: Uint8Array) {
    super();
    this.#flow = flow;
    this.bytes = bytes;
  }
  fire(): void {
    this.#flow.arrive(this);
  }
}

/** Second half of a packet's way, where the downlink was busy when it came. */
class Delivery extends VirtualEvent {
  readonly #flow: Flow;
  readonly #bytes: Uint8Array;
  constructor(flow: Flow, bytes: Uint8Array) {
    super();
    this.#flow = flow;
    this.#bytes = bytes;
  }
  fire(): void {
    this.#flow.deliver(this.#bytes);
  }
}

export interface FlowListener {
  /** At the receiver, in the order of sending. */
  onBytes(bytes: Uint8Array): void;
  /** At the sender, whenever a message has left its queue. */
  onSent?(): void;
}

/** One direction of one connection. */
export class Flow {
  readonly from: Host;
  readonly to: Host;
  readonly latencyMs: number;
  readonly #network: Network;
  readonly #windowBytes: number;
  readonly #listener: FlowListener;
  readonly #queue: Uint8Array[] = [];
  #queueHead = 0;
  queuedBytes = 0;
  /** Left the queue, not delivered. */
  bytesUnderWay = 0;
  /** Delivered, and the sender does not know it yet: moments at which it will, and bytes, in order from `#creditHead` on. */
  readonly #creditMoments: number[] = [];
  readonly #credits: number[] = [];
  #creditHead = 0;
  #creditBytes = 0;
  #isWaitingForCredit = false;
  deficit = 0;
  isInTurn = false;
  #lastArrival = 0;
  isClosed = false;

  constructor(network: Network, from: Host, to: Host, windowBytes: number, listener: FlowListener) {
    this.#network = network;
    this.from = from;
    this.to = to;
    this.latencyMs = network.latencyMs(from, to);
    this.#windowBytes = windowBytes;
    this.#listener = listener;
    from.flows.add(this);
  }

  send(bytes: Uint8Array): void {
    if (this.isClosed || !this.from.isAlive) return;
    this.from.sentBytes += bytes.length;
    if (this.queuedBytes === 0 && this.hasWindow && this.#network.isIdle(this.from, bytes.length)) {
      // Two of three messages find an uplink that nobody uses: no queue and no turns to take.
      this.bytesUnderWay += bytes.length;
      this.#network.sendAlone(this, bytes);
      return;
    }
    this.queuedBytes += bytes.length;
    this.#queue.push(bytes);
    this.#takeTurn();
  }

  /** Drops what is queued; what is under way still arrives. Idempotent. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.from.lostBytes += this.queuedBytes;
    this.queuedBytes = 0;
    this.#queue.length = 0;
    this.#queueHead = 0;
    if (this.bytesUnderWay === 0) this.from.flows.delete(this);
  }

  /** Length of the next message, 0 when there is none. */
  get nextLength(): number {
    return this.#queue[this.#queueHead]?.length ?? 0;
  }

  get hasWindow(): boolean {
    this.#takeCredits();
    return this.bytesUnderWay + this.#creditBytes < this.#windowBytes;
  }

  /** The uplink takes the next message. */
  takeNext(): Uint8Array {
    const bytes = this.#queue[this.#queueHead]!;
    // What has been taken must not be kept alive by its place: sixty sent pieces a flow were most of a peer's memory.
    this.#queue[this.#queueHead++] = NOTHING;
    if (this.#queueHead > 64 && this.#queueHead * 2 > this.#queue.length) {
      this.#queue.splice(0, this.#queueHead);
      this.#queueHead = 0;
    }
    this.queuedBytes -= bytes.length;
    this.bytesUnderWay += bytes.length;
    return bytes;
  }

  /** The message has left the uplink at `sentAt`. */
  launch(bytes: Uint8Array, sentAt: number): void {
    const alone = sentAt + this.latencyMs + this.#network.lossDelayMs(this, bytes.length) + bytes.length / this.to.downBytesPerMs;
    this.#lastArrival = Math.max(alone, this.#lastArrival);
    this.#network.clock.schedule(new Packet(this, bytes), this.#lastArrival);
    this.#listener.onSent?.();
  }

  /** Its last byte would have come by now on an idle downlink. */
  arrive(packet: Packet): void {
    const { to } = this;
    const now = this.#network.clock.nowMs();
    if (!to.isAlive) {
      this.#settle(packet.bytes.length, false);
      return;
    }
    const done = Math.max(now, to.downFreeAt + packet.bytes.length / to.downBytesPerMs);
    to.downFreeAt = done;
    if (done > now) this.#network.clock.schedule(new Delivery(this, packet.bytes), done);
    else this.deliver(packet.bytes);
  }

  deliver(bytes: Uint8Array): void {
    this.#settle(bytes.length, this.to.isAlive);
    if (this.to.isAlive) this.#listener.onBytes(bytes);
  }

  #settle(length: number, isReceived: boolean): void {
    this.bytesUnderWay -= length;
    if (isReceived) this.to.receivedBytes += length;
    else this.from.lostBytes += length;
    if (this.isClosed) {
      if (this.bytesUnderWay === 0) this.from.flows.delete(this);
      return;
    }
    const at = this.#network.clock.nowMs() + this.latencyMs;
    const last = this.#credits.length - 1;
    // Acknowledgements are gathered, too.
    if (last >= this.#creditHead && this.#creditMoments[last]! >= at - CREDIT_STEP_MS) this.#credits[last]! += length;
    else {
      this.#creditMoments.push(at);
      this.#credits.push(length);
    }
    this.#creditBytes += length;
    if (this.queuedBytes > 0 && !this.isInTurn) this.#awaitCredit();
  }

  #takeCredits(): void {
    if (this.#creditBytes === 0) return;
    const now = this.#network.clock.nowMs();
    while (this.#creditHead < this.#credits.length && this.#creditMoments[this.#creditHead]! <= now) {
      this.#creditBytes -= this.#credits[this.#creditHead++]!;
    }
    if (this.#creditHead === this.#credits.length || this.#creditHead > 64) {
      this.#creditMoments.splice(0, this.#creditHead);
      this.#credits.splice(0, this.#creditHead);
      this.#creditHead = 0;
    }
  }

  #takeTurn(): void {
    if (this.isInTurn || this.queuedBytes === 0) return;
    if (!this.hasWindow) {
      this.#awaitCredit();
      return;
    }
    this.isInTurn = true;
    this.from.turns.push(this);
    this.#network.pump(this.from);
  }

  /** Called when the uplink finds the window used up. */
  leaveTurn(): void {
    this.isInTurn = false;
    this.deficit = 0;
    if (this.queuedBytes > 0) this.#awaitCredit();
  }

  #awaitCredit(): void {
    const first = this.#creditMoments[this.#creditHead];
    // Without a credit on its way, the next delivery brings one.
    if (this.#isWaitingForCredit || first === undefined) return;
    this.#isWaitingForCredit = true;
    const wake = new Wake(() => {
      this.#isWaitingForCredit = false;
      this.#takeTurn();
    });
    this.#network.clock.schedule(wake, first);
  }
}

export class Network {
  readonly clock: VirtualClock;
  readonly #options: NetworkOptions;
  readonly #hosts: Host[] = [];

  constructor(clock: VirtualClock, options: NetworkOptions) {
    this.clock = clock;
    this.#options = options;
  }

  addHost(options: HostOptions): Host {
    const host = new Host(options);
    this.#hosts.push(host);
    return host;
  }

  get hosts(): readonly Host[] {
    return this.#hosts;
  }

  latencyMs(a: Host, b: Host): number {
    return this.#options.topology.latencyMs(a.place, b.place);
  }

  canConnect(a: Host, b: Host): boolean {
    return canConnect(a.nat, b.nat);
  }

  openFlow(from: Host, to: Host, windowBytes: number, listener: FlowListener): Flow {
    return new Flow(this, from, to, windowBytes, listener);
  }

  /** The machine is gone: what it had queued is lost, what is on its way to it too. */
  kill(host: Host): void {
    host.isAlive = false;
    for (const flow of host.flows) flow.close();
  }

  lossDelayMs(flow: Flow, length: number): number {
    const { packetLoss, random } = this.#options;
    if (packetLoss === 0) return 0;
    const chance = 1 - (1 - packetLoss) ** Math.ceil(length / PACKET_BYTES);
    return random.next() < chance ? 3 * flow.latencyMs : 0;
  }

  /** Whether an uplink would take a message of `length` bytes at once, and nobody else waits for it. */
  isIdle(host: Host, length: number): boolean {
    return host.turns.length === 0 && !host.isPumping && length <= QUANTUM_BYTES && host.upFreeAt <= this.clock.nowMs() + LOOK_AHEAD_MS;
  }

  /** What pumping comes to where a single message wants an idle uplink. */
  sendAlone(flow: Flow, bytes: Uint8Array): void {
    const { from } = flow;
    from.turn = 0;
    from.upFreeAt = Math.max(this.clock.nowMs(), from.upFreeAt) + bytes.length / from.upBytesPerMs;
    flow.launch(bytes, from.upFreeAt);
  }

  /** Hands the uplink what it can take now. */
  pump(host: Host): void {
    if (host.isPumping) return;
    host.isPumping = true;
    const now = this.clock.nowMs();
    while (host.turns.length > 0 && host.upFreeAt <= now + LOOK_AHEAD_MS) this.#sendOne(host, now);
    if (host.turns.length === 0) {
      host.isPumping = false;
      return;
    }
    const wake = new Wake(() => {
      host.isPumping = false;
      this.pump(host);
    });
    this.clock.schedule(wake, host.upFreeAt);
  }

  #sendOne(host: Host, now: number): void {
    if (host.turn >= host.turns.length) host.turn = 0;
    const flow = host.turns[host.turn]!;
    const length = flow.nextLength;
    if (length === 0 || !flow.hasWindow) {
      host.turns.splice(host.turn, 1);
      flow.leaveTurn();
      return;
    }
    if (flow.deficit < length) {
      // The turn comes round again with this much more; alone it comes at once.
      flow.deficit += QUANTUM_BYTES;
      if (flow.deficit < length || host.turns.length > 1) host.turn++;
      return;
    }
    flow.deficit -= length;
    const bytes = flow.takeNext();
    host.upFreeAt = Math.max(now, host.upFreeAt) + length / host.upBytesPerMs;
    flow.launch(bytes, host.upFreeAt);
    if (flow.nextLength > 0) return;
    host.turns.splice(host.turn, 1);
    flow.leaveTurn();
  }
}

/** Bytes that the network still owes somebody: queued or under way. With the hosts' counters, nothing may be missing. */
export function unaccountedBytes(network: Network): number {
  let missing = 0;
  for (const host of network.hosts) {
    missing += host.sentBytes - host.receivedBytes - host.lostBytes;
    for (const flow of host.flows) missing -= flow.queuedBytes + flow.bytesUnderWay;
  }
  return missing;
}
