/** The first page: the list of channels. */
import type { Locator, Page } from '@playwright/test';

export class ChannelsPage {
  readonly page: Page;
  readonly heading: Locator;
  /** The sentence when the server does not answer. */
  readonly status: Locator;
  readonly cards: Locator;

  constructor(page: Page) {
    this.page = page;
    this.heading = page.getByRole('heading', { name: 'Channels', level: 1 });
    this.status = page.getByTestId('status');
    this.cards = page.getByRole('main').getByRole('listitem').filter({ has: page.getByRole('link') });
  }

  async open(serverUrl: string): Promise<void> {
    await this.page.goto(serverUrl);
    await this.heading.waitFor();
  }

  card(title: string): Locator {
    return this.cards.filter({ hasText: title });
  }

  async choose(title: string): Promise<void> {
    await this.card(title).getByRole('link').click();
  }
}
