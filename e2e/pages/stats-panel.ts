/** "Stats for nerds" on a watch page. */
import type { Locator, Page } from '@playwright/test';

export class StatsPanel {
  readonly root: Locator;
  readonly peers: Locator;
  readonly timeline: Locator;
  readonly #toggle: Locator;

  constructor(page: Page) {
    this.#toggle = page.getByTestId('stats-toggle');
    this.root = page.getByTestId('stats-panel');
    this.peers = page.getByTestId('peers-table').locator('tbody tr');
    this.timeline = page.getByTestId('timeline');
  }

  async open(): Promise<void> {
    await this.#toggle.click();
    await this.root.waitFor();
  }

  /** One of the single figures, by its name. */
  figure(name: string): Locator {
    return this.root.locator('dl > div').filter({ has: this.root.page().locator('dt', { hasText: new RegExp(`^${name}$`) }) }).locator('dd');
  }
}
