/** Bounds of the tracker's sockets, each with unit and reason. Tests tighten them; nothing else should need to. */

/** A token bucket: `burst` at once, `perSecond` in the long run. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

export interface SocketSettings {
  /** A join on several channels and a few reconnections. */
  readonly joinRate: Rate;
  readonly candidatesRate: Rate;
  /** Fifty dials at once, each an offer or answer and some ten trickled candidates. */
  readonly signalRate: Rate;
  /** One every ten seconds, and one on leaving. */
  readonly reportRate: Rate;
  readonly leaveRate: Rate;
  /** Events that were invalid, too fast or from no member, before the socket is closed. */
  readonly offences: Rate;
  /** Channels one socket may be in. */
  readonly maxChannels: number;
  /** Bytes that may wait for one client; one that does not read would otherwise grow our memory without end. */
  readonly maxBacklogBytes: number;
  /** Packets that may wait, for the same reason: each costs some hundred bytes beside its content. */
  readonly maxBacklogPackets: number;
  /** Open sockets of one address (IPv6: of one /64): a school or a company behind one NAT fits. */
  readonly maxConnectionsPerAddress: number;
  readonly connectionRatePerAddress: Rate;
  readonly joinRatePerAddress: Rate;
  /** Bytes of one message that arrives: the longest signal, escaped as JSON. */
  readonly maxMessageBytes: number;
  readonly pingIntervalMs: number;
  readonly pingTimeoutMs: number;
  /** How long a silent socket has to answer before its id goes to whoever holds its ticket. */
  readonly probeTimeoutMs: number;
  /** How long clients have to say goodbye when the server closes; a frozen one never would. */
  readonly closeGraceMs: number;
}

export const DEFAULT_SOCKET_SETTINGS: SocketSettings = {
  joinRate: { burst: 10, perSecond: 0.5 },
  candidatesRate: { burst: 10, perSecond: 0.5 },
  signalRate: { burst: 600, perSecond: 60 },
  reportRate: { burst: 10, perSecond: 0.5 },
  leaveRate: { burst: 32, perSecond: 1 },
  offences: { burst: 30, perSecond: 0.2 },
  maxChannels: 16,
  maxBacklogBytes: 512 * 1024,
  maxBacklogPackets: 512,
  maxConnectionsPerAddress: 3000,
  connectionRatePerAddress: { burst: 3000, perSecond: 100 },
  joinRatePerAddress: { burst: 6000, perSecond: 200 },
  maxMessageBytes: 32 * 1024,
  pingIntervalMs: 15_000,
  pingTimeoutMs: 15_000,
  probeTimeoutMs: 2_000,
  closeGraceMs: 300,
};
