#!/usr/bin/env node
import { enableCompileCache } from 'node:module';

// Compiled code is kept from one command to the next: it halves the start. So nothing may be loaded before this line.
enableCompileCache();
const { runProcess } = await import('./cli/process.js');
process.exitCode = await runProcess(process);
