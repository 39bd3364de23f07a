import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '@pstream/testing';
import { ConfigError } from '@pstream/wiring';
import { stripeWebhookOf } from './stripe-keys.js';

const file = (text: string, mode = 0o600): string => {
  const path = join(tempDir(), 'webhook.secret');
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
};
const problemOf = (stripeWebhookSecretFile: string): string => {
  try {
    return `read ${stripeWebhookOf({ stripeWebhookSecretFile })}`;
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.join(' ');
    throw error;
  }
};

describe('the signing secret of Stripe', () => {
  it('is read from its file, and is none without one', () => {
    expect(stripeWebhookOf({ stripeWebhookSecretFile: undefined })).toBeUndefined();
    expect(problemOf(file('whsec_4eC39Hq\n'))).toBe('read whsec_4eC39Hq');
  });

  it.each([
    ['sk_test_4eC39Hq', 0o600, /begins with whsec_/],
    ['', 0o600, /is empty/],
    ['whsec_4eC39Hq', 0o644, /others.*chmod 600/],
  ])('is refused as %j with mode %o, and not quoted', (text, mode, said) => {
    const problem = problemOf(file(text, mode));
    expect(problem).toMatch(said);
    expect(problem).toContain('PSTREAM_STRIPE_WEBHOOK_SECRET_FILE');
    expect(problem).not.toContain('4eC39Hq');
  });

  it('is missed where its file is', () => expect(problemOf(join(tempDir(), 'none'))).toMatch(/cannot be read \(ENOENT\)/));
});
