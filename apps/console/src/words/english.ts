import en from './en.json' with { type: 'json' };

/** The texts that every language has. */
export type English = typeof en;
