// Unit, property and simulation tests: everything named *.test.ts beside the code. Real browsers are in e2e/.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['**/*.test.{ts,tsx}'],
    exclude: ['**/node_modules/**', 'dist/**', '.cache/**', 'e2e/**'],
    passWithNoTests: true,
    // Only what hangs may fail by time: machines that run this are small and shared.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
