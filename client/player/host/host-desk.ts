/**
 * The /host page's state, without React: what was chosen, what is remembered from earlier visits, and what is on air. It
 * opens hostings through the adapters and keeps what a reload needs.
 */
import { ChannelSigner, createKey } from '#browser/hosting/channel-signer';
import { HostedFile } from '#browser/hosting/hosted-file';
import type { HostingMemory, KeptFile, KeptHosting } from '#browser/hosting/hosting-memory';
import { isSafeToClose, type Hosting } from '#browser/hosting/host-snapshot';
import { SystemClock } from '#browser/system-clock';
import type { Floor } from '#protocol/hosted';
import type { Store } from '../store/store.ts';

export interface ChosenFile {
  readonly file: File;
  /** Where the browser hands one out: it survives a reload. */
  readonly handle: FileSystemFileHandle | null;
}

/** What the host decides before going on air. */
export interface Wishes {
  readonly title: string;
  readonly floor: Floor;
  readonly isListed: boolean;
}

export type DeskState =
  | { readonly step: 'choose'; readonly kept: readonly KeptHosting[]; readonly notice: string | null }
  | { readonly step: 'prepare'; readonly source: ChosenFile; readonly resumed: KeptHosting | null }
  | { readonly step: 'hosting'; readonly hosting: Hosting; readonly isRemembered: boolean };

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
  chooseFile(source: ChosenFile): void {
    const resumed = this.#state.step === 'choose' ? (this.#state.kept.find((kept) => isSameFile(kept.source, source.file)) ?? null) : null;
    this.#set({ step: 'prepare', source, resumed });
  }

  /** Back to the choice. */
  async reconsider(): Promise<void> {
    if (this.#state.step === 'hosting') this.#state.hosting.close();
    this.#set({ step: 'choose', kept: await this.#parts.memory.list(), notice: null });
  }

  async start(wishes: Wishes): Promise<void> {
    if (this.#state.step !== 'prepare') return;
    const { source, resumed } = this.#state;
    const key = resumed?.key ?? (await createKey());
    const signer = new ChannelSigner(key);
    const { file, handle } = source;
    const kept: KeptFile = { kind: 'file', name: file.name, bytes: file.size, modifiedMs: file.lastModified, handle };
    const isRemembered = await this.#parts.memory.keep({ channel: signer.id, key, ...wishes, startedMs: Date.now(), source: kept });
    this.#host(new HostedFile({ serverUrl: this.#parts.serverUrl, clock: this.#clock, signer, file, ...wishes }), isRemembered);
  }

  /** Goes on with a channel of an earlier visit; must be called from a click, since the browser may ask for leave. */
  async resume(kept: KeptHosting): Promise<void> {
    if (kept.source.kind !== 'file') return;
    const file = await fileOf(kept.source);
    if (file === null || !isSameFile(kept.source, file)) {
      const found = file === null ? 'Choose the same file again to go on with it.' : 'The file has changed since, so it would be another channel.';
      this.#set({ step: 'choose', kept: await this.#parts.memory.list(), notice: `"${kept.source.name}" cannot be opened from here. ${found}` });
      return;
    }
    const { key, title, floor, isListed } = kept;
    this.#host(new HostedFile({ serverUrl: this.#parts.serverUrl, clock: this.#clock, signer: new ChannelSigner(key), file, title, floor, isListed }), true);
  }

  /** Ends what is on air, in good order. */
  async end(): Promise<void> {
    if (this.#state.step !== 'hosting') return;
    const { hosting } = this.#state;
    const { channel } = hosting.getSnapshot();
    await hosting.end();
    if (channel !== null) await this.#parts.memory.forget(channel);
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

  #host(hosting: Hosting, isRemembered: boolean): void {
    this.#set({ step: 'hosting', hosting, isRemembered });
  }

  #set(state: DeskState): void {
    this.#state = state;
    for (const listener of [...this.#listeners]) listener();
  }
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
