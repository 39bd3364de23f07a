// The compiler of everything: TypeScript 7, which is not written in JavaScript and takes a third of the time. The package `typescript` is version 6, whose
// JavaScript API dependency-cruiser reads sources with.
import { join } from 'node:path';

/** The program that `node` runs as `tsc`, for a workspace whose dependencies are installed. */
export const compilerOf = (root) => join(root, 'node_modules', '@typescript', 'native', 'bin', 'tsc');
