/**
 * Reads what the server wrote into a watch page (`WatchBoot`), so that the first chunk can be asked for before anything
 * is drawn. A missing or damaged element only costs a round trip: the viewer then asks the server itself.
 */
import type { EarlyAnswer } from '#browser/fetch-origin';
import { isHosted } from '#protocol/hosted';
import { BOOT_ELEMENT_ID, EARLY_BODY, type EarlyRange, type WatchBoot } from '#protocol/paths';

/** Checks the shape alone; signatures are the viewer's business. */
export function parseBoot(text: string): WatchBoot | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { description, entries, consent, early, hosted } = value as Record<string, unknown>;
  if (description === undefined || typeof entries !== 'string') return null;
  return { description, entries, consent: consent === 'implied' ? 'implied' : 'ask', ...(isEarlyRange(early) && { early }), ...(isHosted(hosted) && { hosted }) };
}

const isEarlyRange = (value: unknown): value is EarlyRange =>
  typeof value === 'object' && value !== null && ['stream', 'chunk', 'bytes'].every((name) => Number.isSafeInteger(value[name as keyof typeof value]));

/** What the page's own script asked the seeder for, with the answer to come; undefined where it asked for nothing. */
export function readEarly(boot: WatchBoot | null, page: object): EarlyAnswer | undefined {
  const body = (page as Record<string, unknown>)[EARLY_BODY];
  return boot?.early && body instanceof Promise ? { ...boot.early, body: body as Promise<ArrayBuffer> } : undefined;
}

export function readBoot(page: Document): WatchBoot | null {
  const element = page.getElementById(BOOT_ELEMENT_ID);
  return element === null ? null : parseBoot(element.textContent);
}
