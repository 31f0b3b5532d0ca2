/**
 * The tracker's face to the network: socket.io over WebSocket. Every event is validated and counted before it means
 * anything, a sender is who its socket joined as and nothing it says of itself, and no client can make us hold much.
 */
import type { IncomingMessage, Server as HttpServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { Server } from 'socket.io';
import type * as z from 'zod/mini';
import type { Hosted } from '#protocol/hosted';
import type { ChannelId, PeerId } from '#protocol/ids';
import {
  joinSchema,
  leaveSchema,
  moreCandidatesSchema,
  reportSchema,
  signalSchema,
  type Join,
  type JoinReply,
  type MemberEvents,
  type MoreCandidates,
  type MoreCandidatesReply,
  type Report,
  type Signal,
  type TrackerEvents,
} from '#protocol/tracker-events';
import type { WallClock } from '#server/tracker/ports';
import type { Tracker } from '#server/tracker/tracker';
import { AddressGuard } from './address-guard.ts';
import { Connection, type TrackerEventName, type TrackerSocket } from './connection.ts';
import type { SocketSettings } from './socket-settings.ts';

export type RefusalReason = 'invalid' | 'tooFast' | 'notMember' | 'unknownEvent' | 'slowReader' | 'address';
export type IceServer = { readonly urls: string | string[]; readonly username?: string; readonly credential?: string };

export interface TrackerSocketsNeeds {
  readonly server: HttpServer;
  readonly tracker: Tracker;
  readonly clock: WallClock;
  readonly settings: SocketSettings;
  readonly iceServers: readonly IceServer[];
  /** Newest log entry of each stream of a live channel, in bytes; nothing for VoD. */
  heads(channel: ChannelId): Uint8Array[];
  /** What members are told of a host that is not the server. */
  hosted(channel: ChannelId): Hosted | undefined;
  /** While the server opens its channels nobody can say that one does not exist. */
  isOpening?(): boolean;
}

const EVENTS: ReadonlySet<string> = new Set<TrackerEventName>(['join', 'candidates', 'signal', 'report', 'leave']);
type Reply<T> = (reply: T) => void;

export class TrackerSockets {
  readonly #needs: TrackerSocketsNeeds;
  readonly #io: Server<TrackerEvents, MemberEvents>;
  readonly #guard: AddressGuard;
  readonly #connections = new Map<TrackerSocket, Connection>();
  /** Whose socket a member is reached by. */
  readonly #holders = new Map<string, Connection>();
  readonly #refused: Record<RefusalReason, number> = { invalid: 0, tooFast: 0, notMember: 0, unknownEvent: 0, slowReader: 0, address: 0 };
  readonly #joins = new Map<ChannelId, number>();
  /** Every connection that became a WebSocket, for those that do not end when they are asked to. */
  readonly #upgraded = new Set<Duplex>();
  #signals = 0;
  #isClosed = false;

  constructor(needs: TrackerSocketsNeeds) {
    const { settings, clock } = needs;
    this.#needs = needs;
    this.#guard = new AddressGuard(settings);
    this.#io = new Server(needs.server, {
      transports: ['websocket'],
      serveClient: false,
      cors: { origin: '*' },
      maxHttpBufferSize: settings.maxMessageBytes,
      pingInterval: settings.pingIntervalMs,
      pingTimeout: settings.pingTimeoutMs,
      // Signals are short and encrypted media does not pass here: compression would only cost memory for each socket.
      perMessageDeflate: false,
      allowRequest: (request, decide) => {
        const isAllowed = this.#guard.mayConnect(addressOf(request), clock.nowMs());
        if (!isAllowed) this.#refused.address += 1;
        decide(isAllowed ? null : 'too many connections', isAllowed);
      },
    });
    this.#io.on('connection', (socket) => this.#welcome(socket));
    needs.server.on('upgrade', (_request, socket) => {
      this.#upgraded.add(socket);
      socket.once('close', () => this.#upgraded.delete(socket));
    });
  }

  get refused(): Readonly<Record<RefusalReason, number>> {
    return this.#refused;
  }

  /** Signals carried between members. */
  get signals(): number {
    return this.#signals;
  }

  get connections(): number {
    return this.#connections.size;
  }

  /** Joins that were accepted. */
  joins(channel: ChannelId): number {
    return this.#joins.get(channel) ?? 0;
  }

  /** Tells all members of a channel what its host is doing. */
  announcePresence(channel: ChannelId, hosted: Hosted): void {
    for (const connection of this.#connections.values()) if (connection.memberships.has(channel)) this.#cutIfOverdue(connection);
    this.#io.to(channel).emit('presence', { channel, hosted });
  }

  /** Pushes the newest chunk's log entry of a live channel to all its members. */
  announceHead(channel: ChannelId, entry: Uint8Array): void {
    for (const connection of this.#connections.values()) if (connection.memberships.has(channel)) this.#cutIfOverdue(connection);
    this.#io.to(channel).emit('head', { channel, entry, swarmSize: this.#needs.tracker.swarmSize(channel) });
  }

  /** Closes every socket so that clients know to come back; the HTTP server is closed with it. Idempotent. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const cancel = this.#needs.clock.after(this.#needs.settings.closeGraceMs, () => {
      for (const socket of this.#upgraded) socket.destroy();
    });
    await this.#io.close();
    cancel();
  }

  #welcome(socket: TrackerSocket): void {
    const nowMs = this.#needs.clock.nowMs();
    const connection = new Connection(socket, this.#needs.settings, nowMs);
    this.#connections.set(socket, connection);
    this.#guard.opened(connection.address, nowMs);
    socket.on('disconnect', () => {
      this.#connections.delete(socket);
      this.#guard.closed(connection.address, this.#needs.clock.nowMs());
      for (const [channel, peer] of [...connection.memberships]) this.#leave(connection, channel, peer);
    });
    socket.onAny((event: string) => {
      if (!EVENTS.has(event)) this.#offend(connection, 'unknownEvent');
    });
    this.#listen(connection, 'join', joinSchema, (join, reply: Reply<JoinReply>) => this.#join(connection, join, reply), { ok: false, reason: 'invalid' }, { ok: false, reason: 'tooFast' });
    const nobody: MoreCandidatesReply = { candidates: [], swarmSize: 0 };
    this.#listen(connection, 'candidates', moreCandidatesSchema, (ask, reply: Reply<MoreCandidatesReply>) => this.#candidates(connection, ask, reply), nobody, nobody);
    this.#listen(connection, 'signal', signalSchema, (signal) => this.#signal(connection, signal));
    this.#listen(connection, 'report', reportSchema, (report) => this.#report(connection, report));
    this.#listen(connection, 'leave', leaveSchema, ({ channel }) => {
      const peer = connection.memberships.get(channel);
      if (peer !== undefined) this.#leave(connection, channel, peer);
    });
  }

  /** What every event goes through. `invalid` and `tooFast` are the answers where one is due. */
  #listen<T, R>(
    connection: Connection,
    event: TrackerEventName,
    schema: z.ZodMiniType<T>,
    handle: (value: T, reply: Reply<R>) => void,
    invalid?: R,
    tooFast?: R,
  ): void {
    const listener = (...args: unknown[]): void => {
      if (this.#cutIfOverdue(connection)) return;
      const last = args.at(-1);
      const answer: Reply<R> = typeof last === 'function' ? (last as Reply<R>) : () => undefined;
      if (!connection.mayDo(event, this.#needs.clock.nowMs())) {
        if (tooFast !== undefined) answer(tooFast);
        this.#offend(connection, 'tooFast');
        return;
      }
      const parsed = schema.safeParse(args[0]);
      const isAnswerable = invalid === undefined || typeof last === 'function';
      if (!parsed.success || !isAnswerable) {
        if (invalid !== undefined) answer(invalid);
        this.#offend(connection, 'invalid');
        return;
      }
      handle(parsed.data, answer);
    };
    (connection.socket as unknown as { on(event: string, listener: (...args: unknown[]) => void): void }).on(event, listener);
  }

  #join(connection: Connection, join: Join, reply: Reply<JoinReply>): void {
    const { tracker, clock } = this.#needs;
    if (!this.#guard.mayJoin(connection.address, clock.nowMs())) {
      this.#refused.tooFast += 1;
      reply({ ok: false, reason: 'tooFast' });
      return;
    }
    const before = connection.memberships.get(join.channel);
    if (before === undefined && connection.memberships.size >= this.#needs.settings.maxChannels) {
      reply({ ok: false, reason: 'full' });
      return;
    }
    // A second join on one socket replaces the first.
    if (before !== undefined) this.#leave(connection, join.channel, before);
    const admission = tracker.admission(join, clock.nowMs());
    if (admission === 'unknownChannel' && this.#needs.isOpening?.()) {
      // Viewers that were cut off by a restart are back before their film is: they ask again, instead of giving it up.
      reply({ ok: false, reason: 'tooFast' });
      return;
    }
    const holder = this.#holders.get(holderKey(join.channel, join.peer));
    if (admission !== 'reclaim' || !holder || holder.address === connection.address) {
      this.#admit(connection, join, reply);
      return;
    }
    // From another network: neighbours have seen the ticket too, so the old socket is asked whether it is still there.
    holder.probe(clock, (isAlive) => {
      if (isAlive) {
        reply({ ok: false, reason: 'idTaken' });
        return;
      }
      holder.cut();
      if (connection.socket.connected) this.#admit(connection, join, reply);
    });
  }

  #admit(connection: Connection, join: Join, reply: Reply<JoinReply>): void {
    const { tracker, clock, iceServers } = this.#needs;
    const nowMs = clock.nowMs();
    const key = holderKey(join.channel, join.peer);
    const holder = this.#holders.get(key);
    const outcome = tracker.join(join, nowMs);
    if (!outcome.ok) {
      reply(outcome);
      return;
    }
    if (holder && holder !== connection) this.#evict(holder, join.channel);
    this.#holders.set(key, connection);
    connection.memberships.set(join.channel, join.peer);
    void connection.socket.join(join.channel);
    this.#joins.set(join.channel, this.joins(join.channel) + 1);
    reply({
      ok: true,
      candidates: outcome.candidates,
      swarmSize: outcome.swarmSize,
      iceServers: iceServers.map((server) => ({ ...server })),
      ticket: outcome.ticket,
      heads: this.#needs.heads(join.channel),
      trackerMs: nowMs,
      ...hostedOf(this.#needs.hosted(join.channel)),
    });
  }

  /** Takes a channel from a socket whose peer has come back on another one. */
  #evict(holder: Connection, channel: ChannelId): void {
    holder.memberships.delete(channel);
    void holder.socket.leave(channel);
    if (holder.memberships.size === 0) holder.socket.disconnect(true);
  }

  #leave(connection: Connection, channel: ChannelId, peer: PeerId): void {
    connection.memberships.delete(channel);
    void connection.socket.leave(channel);
    this.#holders.delete(holderKey(channel, peer));
    this.#needs.tracker.leave(channel, peer);
  }

  #candidates(connection: Connection, ask: MoreCandidates, reply: Reply<MoreCandidatesReply>): void {
    const peer = connection.memberships.get(ask.channel);
    if (peer === undefined) {
      reply({ candidates: [], swarmSize: 0 });
      this.#offend(connection, 'notMember');
      return;
    }
    reply(this.#needs.tracker.moreCandidates(peer, ask, this.#needs.clock.nowMs()));
  }

  #signal(connection: Connection, { channel, to, signal }: Signal): void {
    const from = connection.memberships.get(channel);
    if (from === undefined) {
      this.#offend(connection, 'notMember');
      return;
    }
    const target = this.#holders.get(holderKey(channel, to));
    // Who has just left is still dialled by those who have not heard of it: no offence.
    if (!target || this.#cutIfOverdue(target)) return;
    this.#signals += 1;
    target.socket.emit('signal', { channel, from, signal });
  }

  #report(connection: Connection, report: Report): void {
    const peer = connection.memberships.get(report.channel);
    if (peer === undefined) this.#offend(connection, 'notMember');
    else if (!this.#needs.tracker.report(peer, report, this.#needs.clock.nowMs())) this.#offend(connection, 'invalid');
  }

  #offend(connection: Connection, reason: RefusalReason): void {
    this.#refused[reason] += 1;
    if (!connection.forgiven(this.#needs.clock.nowMs())) connection.socket.disconnect(true);
  }

  #cutIfOverdue(connection: Connection): boolean {
    if (!connection.isOverdue) return false;
    this.#refused.slowReader += 1;
    connection.cut();
    return true;
  }
}

const hostedOf = (hosted: Hosted | undefined): { hosted?: Hosted } => (hosted === undefined ? {} : { hosted });
const holderKey = (channel: ChannelId, peer: PeerId): string => `${channel}/${peer}`;
const addressOf = (request: IncomingMessage): string => request.socket.remoteAddress ?? '';
