/**
 * Keeps zod from trying whether it may make code of text: pages forbid that (Content Security Policy), and each try
 * stands in the browser's console as a violation. Imported by whatever brings zod into a page.
 */
import * as z from 'zod/mini';

z.config({ jitless: true });
