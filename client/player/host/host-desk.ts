/**
 * The /host page's state, without React: what was chosen, what is remembered from earlier visits, and what is on air. It
 * opens hostings through the adapters and keeps what a reload needs.
 */
import { capture, CaptureError, release, type Captured, type LiveKind } from '#browser/hosting/capture';
import { ChannelSigner, createKey } from '#browser/hosting/channel-signer';
import { HostedFile } from '#browser/hosting/hosted-file';
import { HostedLive } from '#browser/hosting/hosted-live';
import type { HostingMemory, KeptFile, KeptHosting } from '#browser/hosting/hosting-memory';
import { isSafeToClose, type Hosting } from '#browser/hosting/host-snapshot';
import { SystemClock } from '#browser/system-clock';
import type { Floor } from '#protocol/hosted';
import type { Store } from '../store/store.ts';

export interface ChosenFile {
  readonly kind: 'file';
  readonly file: File;
  /** Where the browser hands one out: it survives a reload. */
  readonly handle: FileSystemFileHandle | null;
}

export interface ChosenLive extends Captured {
  readonly kind: 'live';
  readonly from: LiveKind;
}

export type ChosenSource = ChosenFile | ChosenLive;

/** What the host decides before going on air. */
export interface Wishes {
  readonly title: string;
  readonly floor: Floor;
  readonly isListed: boolean;
  /** Live: length of a chunk, ms. */
  readonly chunkMs: number;
}

export type DeskState =
  | { readonly step: 'choose'; readonly kept: readonly KeptHosting[]; readonly notice: string | null }
  | { readonly step: 'prepare'; readonly source: ChosenSource; readonly resumed: KeptHosting | null }
  | { readonly step: 'hosting'; readonly hosting: Hosting; readonly live: Captured | null; readonly isRemembered: boolean };

export interface HostDeskParts {
  readonly serverUrl: string;
  readonly memory: HostingMemory;
  readonly window: Pick<Window, 'addEventListener' | 'history' | 'location'>;
}

export class HostDesk implements Store<DeskState> {
  readonly #parts: HostDeskParts;
  readonly #clock = new SystemClock();
  readonly #listeners = new Set<() => void>();
  #state: DeskState = { step: 'choose', kept: [], notice: null };

  constructor(parts: HostDeskParts) {
    this.#parts = parts;
    parts.window.addEventListener('beforeunload', (event) => {
      if (this.#state.step === 'hosting' && !isSafeToClose(this.#state.hosting.getSnapshot())) event.preventDefault();
    });
    void this.#remember();
  }

  /** What is on air, if anything. */
  get hosting(): Hosting | null {
    return this.#state.step === 'hosting' ? this.#state.hosting : null;
  }

  readonly getSnapshot = (): DeskState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** A film was dropped or chosen. */
  chooseFile(source: Omit<ChosenFile, 'kind'>): void {
    const resumed = this.#state.step === 'choose' ? (this.#state.kept.find((kept) => isSameFile(kept.source, source.file)) ?? null) : null;
    this.#set({ step: 'prepare', source: { kind: 'file', ...source }, resumed });
  }

  /** A camera or screen is to be shown; must be called from a click, since the browser asks for leave. */
  async chooseLive(from: LiveKind): Promise<void> {
    const source = await this.#recapture(from);
    if (source !== null) this.#set({ step: 'prepare', source, resumed: null });
  }

  /** Back to the choice. */
  async reconsider(): Promise<void> {
    if (this.#state.step === 'hosting') this.#state.hosting.close();
    if (this.#state.step === 'prepare' && this.#state.source.kind === 'live') {
      const { stream, inset } = this.#state.source;
      release(stream);
      if (inset) release(inset);
    }
    this.#set({ step: 'choose', kept: await this.#parts.memory.list(), notice: null });
  }

  async start(wishes: Wishes): Promise<void> {
    if (this.#state.step !== 'prepare') return;
    const { source, resumed } = this.#state;
    const key = resumed?.key ?? (await createKey());
    const kept: KeptHosting = { channel: new ChannelSigner(key).id, key, startedMs: Date.now(), source: keptSource(source, wishes), ...about(wishes) };
    const isRemembered = await this.#parts.memory.keep(kept);
    this.#host(source, kept, isRemembered);
  }

  /** Goes on with a channel of an earlier visit; must be called from a click, since the browser may ask for leave. */
  async resume(kept: KeptHosting): Promise<void> {
    const source = kept.source.kind === 'file' ? await this.#reopen(kept.source) : await this.#recapture(kept.source.from);
    if (source !== null) this.#host(source, kept, true);
  }

  /** Ends what is on air, in good order: forgotten first, so that a page left before the server has answered does not offer to go on. */
  async end(): Promise<void> {
    if (this.#state.step !== 'hosting') return;
    const { hosting } = this.#state;
    const { channel } = hosting.getSnapshot();
    if (channel !== null) await this.#parts.memory.forget(channel);
    await hosting.end();
  }

  async forget(kept: KeptHosting): Promise<void> {
    await this.#parts.memory.forget(kept.channel);
    await this.#remember();
  }

  /** What was on air when the page was last left, if anything. */
  async #remember(): Promise<void> {
    const kept = await this.#parts.memory.list();
    if (this.#state.step === 'choose') this.#set({ ...this.#state, kept });
  }

  #host(source: ChosenSource, kept: KeptHosting, isRemembered: boolean): void {
    const common = { serverUrl: this.#parts.serverUrl, clock: this.#clock, signer: new ChannelSigner(kept.key), ...about(kept) };
    // Where nothing of the film is to leave the page, no picture of it does.
    const pictured = kept.floor === 'server' && kept.isListed ? (source.kind === 'file' ? source.file : source.stream) : null;
    const chunkMs = kept.source.kind === 'live' ? kept.source.chunkMs : 0;
    const hosting = source.kind === 'file' ? new HostedFile({ ...common, pictured, file: source.file }) : new HostedLive({ ...common, pictured, stream: source.stream, inset: source.inset, chunkMs });
    this.#set({ step: 'hosting', hosting, live: source.kind === 'live' ? source : null, isRemembered });
  }

  async #reopen(kept: KeptFile): Promise<ChosenFile | null> {
    const file = await fileOf(kept);
    if (file !== null && isSameFile(kept, file)) return { kind: 'file', file, handle: kept.handle };
    const found = file === null ? 'Choose the same file again to go on with it.' : 'The file has changed since, so it would be another channel.';
    await this.#notice(`"${kept.name}" cannot be opened from here. ${found}`);
    return null;
  }

  async #recapture(from: LiveKind): Promise<ChosenLive | null> {
    try {
      return { kind: 'live', from, ...(await capture(from)) };
    } catch (cause) {
      if (!(cause instanceof CaptureError)) throw cause;
      await this.#notice(cause.message);
      return null;
    }
  }

  async #notice(notice: string): Promise<void> {
    this.#set({ step: 'choose', kept: await this.#parts.memory.list(), notice });
  }

  #set(state: DeskState): void {
    this.#state = state;
    for (const listener of [...this.#listeners]) listener();
  }
}

const about = ({ title, floor, isListed }: Omit<Wishes, 'chunkMs'>): Omit<Wishes, 'chunkMs'> => ({ title, floor, isListed });

function keptSource(source: ChosenSource, { chunkMs }: Wishes): KeptHosting['source'] {
  if (source.kind === 'live') return { kind: 'live', from: source.from, chunkMs };
  const { file, handle } = source;
  return { kind: 'file', name: file.name, bytes: file.size, modifiedMs: file.lastModified, handle };
}

const isSameFile = (kept: KeptHosting['source'], file: File): boolean =>
  kept.kind === 'file' && kept.name === file.name && kept.bytes === file.size && kept.modifiedMs === file.lastModified;

/** The file behind a handle, once the browser lets the page have it; null where there is none. */
async function fileOf({ handle }: KeptFile): Promise<File | null> {
  if (handle === null) return null;
  try {
    // Not in every browser's handle: then the handle opens without asking, or not at all.
    const asking = handle as FileSystemFileHandle & { requestPermission?: (wish: { mode: 'read' }) => Promise<PermissionState> };
    if (asking.requestPermission && (await asking.requestPermission({ mode: 'read' })) !== 'granted') return null;
    return await handle.getFile();
  } catch {
    return null; // Moved, removed, or on a disk that is not there now.
  }
}
