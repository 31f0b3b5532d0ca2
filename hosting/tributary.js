#!/usr/bin/env node
// What `npx tributary …` starts: the command line is TypeScript, which Node 20 needs a loader for.
import { register } from 'tsx/esm/api';

register();
await import('./main.ts');
