#!/usr/bin/env node
import nodeModule from 'node:module';

// Keeps compiled code from one command to the next, which halves the start, so nothing may be loaded before this line. Node 22.1 and newer.
nodeModule.enableCompileCache?.();
const { runProcess } = await import('./cli/process.js');
process.exitCode = await runProcess(process);
