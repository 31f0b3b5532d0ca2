/**
 * Reads what the server wrote into a watch page (`WatchBoot`), so that the first chunk can be asked for before anything
 * is drawn. A missing or damaged element only costs a round trip: the viewer then asks the server itself.
 */
import { BOOT_ELEMENT_ID, type WatchBoot } from '#protocol/paths';

/** Checks the shape alone; signatures are the viewer's business. */
export function parseBoot(text: string): WatchBoot | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { description, entries, consent } = value as Record<string, unknown>;
  if (description === undefined || typeof entries !== 'string') return null;
  return { description, entries, consent: consent === 'implied' ? 'implied' : 'ask' };
}

export function readBoot(page: Document): WatchBoot | null {
  const element = page.getElementById(BOOT_ELEMENT_ID);
  return element === null ? null : parseBoot(element.textContent);
}
