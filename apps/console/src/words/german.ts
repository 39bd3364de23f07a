import de from './de.json' with { type: 'json' };
import type { English } from './english.js';

/** The German texts; a key that English has and German lacks does not compile. */
export const german: English = de;
