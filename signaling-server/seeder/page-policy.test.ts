import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fillPage, policyOf, type PageFilling } from './watch-page.ts';

const BUILT = '<!doctype html><html><head><script>\n  built()\n</script><script type="module" src="/a.js"></script><title>T</title></head></html>';
const filling: PageFilling = {
  title: '</title><script>alert(1)</script>', earlyUrl: '/channels/a/0/0.m4s',
  boot: { description: { title: '<script>alert(2)</script>' }, entries: '', consent: 'ask', early: { stream: 0, chunk: 0, bytes: 16_384 } },
};

describe('the policy of a page', () => {
  it('names by their hash the scripts of the build and of the server, and no others', () => {
    const scripts = [...fillPage(BUILT, filling).matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, script]) => script!);
    expect(scripts).toEqual([expect.stringContaining('fetch('), '\n  built()\n']);
    const named = [...policyOf(BUILT, filling, false).matchAll(/'sha256-[^']+'/g)].map(([hash]) => hash);
    expect(named.sort()).toEqual(scripts.map((script) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`).sort());
  });

  it('lets no text become code', () => expect(policyOf(BUILT, filling, true)).toMatch(/script-src 'self'( 'sha256-[^']+')+;/));
});
