/** How a film comes into the page: from the browser's dialog or a drop, with a handle where the browser has such things. */
import type { ChosenFile } from './host-desk.ts';

type FoundFile = Omit<ChosenFile, 'kind'>;

/** Chromium's dialog, which gives a handle; other browsers have none and use an ordinary file field. */
interface PickerWindow {
  showOpenFilePicker?: (options: { types: { description: string; accept: Record<string, string[]> }[] }) => Promise<FileSystemFileHandle[]>;
}

const FILMS = [{ description: 'Films and sound', accept: { 'video/*': ['.mp4', '.m4v', '.mov', '.mkv', '.webm', '.ts'], 'audio/*': ['.mp3', '.m4a', '.flac'] } }];

export const hasPicker = (window: PickerWindow): boolean => window.showOpenFilePicker !== undefined;

/** Null when the dialog was closed without a choice. */
export async function pickFile(window: PickerWindow): Promise<FoundFile | null> {
  try {
    const [handle] = (await window.showOpenFilePicker?.({ types: FILMS })) ?? [];
    return handle === undefined ? null : { file: await handle.getFile(), handle };
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') return null;
    throw cause;
  }
}

/** What was dropped, if it is a file. To be called within the event: its items are gone afterwards. */
export function droppedFile(transfer: DataTransfer): Promise<FoundFile | null> {
  const item = [...transfer.items].find(({ kind }) => kind === 'file') as (DataTransferItem & { getAsFileSystemHandle?: () => Promise<FileSystemHandle | null> }) | undefined;
  const file = item?.getAsFile() ?? null;
  if (!item || file === null) return Promise.resolve(null);
  const handle = item.getAsFileSystemHandle?.() ?? Promise.resolve(null);
  return handle.then(
    (one) => ({ file, handle: one?.kind === 'file' ? (one as FileSystemFileHandle) : null }),
    () => ({ file, handle: null }),
  );
}
