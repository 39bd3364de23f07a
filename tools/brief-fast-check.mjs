// fast-check for `npm run check` (jest.preset.js): one run of a property where `npm test` has PROPERTY_SHARE, and at least five. By path, since the
// name leads here.
import fc from '../node_modules/fast-check/lib/fast-check.js';

const share = Number(process.env.PROPERTY_SHARE);
const LEAST = 5;
const USUAL = 100;
const brief = (parameters) => {
  const runs = parameters?.numRuns ?? USUAL;
  return { ...parameters, numRuns: Math.min(runs, Math.max(LEAST, Math.ceil(runs / share))) };
};

export * from '../node_modules/fast-check/lib/fast-check.js';
export const assert = (property, parameters) => fc.assert(property, brief(parameters));
export default { ...fc, assert };
