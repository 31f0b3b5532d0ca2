import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { defaultSettings, SETTINGS } from './settings.ts';
import { SETTINGS_PAGE, settingsPage } from './testing/settings-page.ts';

describe('settings', () => {
  it.each(Object.entries(SETTINGS))('%s has a default within its range, a unit and a reason', (name, setting) => {
    expect(setting.default).toBeGreaterThanOrEqual(setting.min);
    expect(setting.default).toBeLessThanOrEqual(setting.max);
    expect(setting.unit).not.toBe('');
    expect(setting.reason.length).toBeGreaterThan(10);
    if (name.endsWith('Ms')) expect(setting.unit).toBe('ms');
    if (name.endsWith('BytesPerSecond')) expect(setting.unit).toBe('bytes/s');
    else if (name.endsWith('Bytes')) expect(setting.unit).toBe('bytes');
  });

  it('are the defaults unless somebody says otherwise', () => {
    expect(Object.keys(defaultSettings)).toEqual(Object.keys(SETTINGS));
    for (const [name, value] of Object.entries(defaultSettings)) expect(value).toBe(SETTINGS[name as keyof typeof SETTINGS].default);
  });

  it('agree with one another', () => {
    const { requestsPerPeerMin, requestsPerPeerMax, pingMs, silenceMs, originWindowMs, farWindowMs, urgentMs } = defaultSettings;
    expect(requestsPerPeerMin).toBeLessThanOrEqual(requestsPerPeerMax);
    expect(pingMs * 2).toBeLessThanOrEqual(silenceMs);
    expect(urgentMs).toBeLessThan(originWindowMs);
    expect(originWindowMs).toBeLessThanOrEqual(farWindowMs);
  });

  it('are what docs/SETTINGS.md says (npx tsx client/engine/testing/write-settings.ts)', () => {
    expect(readFileSync(SETTINGS_PAGE, 'utf8')).toBe(settingsPage());
  });
});
