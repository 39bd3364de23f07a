import type { Fault } from '@pstream/kernel';
import type { Cause } from './words.js';

/** What a Fault leaves in events and views. */
export const causeOf = ({ code, facts, advice }: Fault): Cause => ({
  code,
  facts: { ...facts },
  ...(advice === undefined ? {} : { advice }),
});

/** What ends a pass when a service has come upon a bug of its own: '<service>.defect'. */
export const causeOfDefect = (service: 'extractor' | 'pst-builder'): Cause => ({
  code: `${service}.defect`,
  advice: `This is a fault of pstream. Resume the pass; if it fails again, report it with the log of the ${service}.`,
});
