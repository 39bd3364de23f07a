import { classifySignIn } from './classify-sign-in.js';

describe('a refused sign-in', () => {
  it.each([
    [[7000215], 'invalid_client', 'entra.secret-wrong'],
    [[7000222], 'invalid_client', 'entra.secret-expired'],
    [[7000216], 'invalid_request', 'entra.credential-missing'],
    [[900144], 'invalid_request', 'entra.credential-missing'],
    [[700027], 'invalid_client', 'entra.certificate-refused'],
    [[700024], 'invalid_client', 'entra.certificate-refused'],
    [[700016], 'unauthorized_client', 'entra.app-not-found'],
    [[700011], 'unauthorized_client', 'entra.app-not-found'],
    [[70001], 'unauthorized_client', 'entra.app-not-found'],
    [[7000112], 'unauthorized_client', 'entra.app-disabled'],
    [[7000229], 'unauthorized_client', 'entra.app-not-installed'],
    [[90002], 'invalid_request', 'entra.tenant-not-found'],
    [[900023], 'invalid_request', 'entra.tenant-not-found'],
    [[90038], 'invalid_request', 'entra.sovereign-cloud'],
    [[900382], 'invalid_request', 'entra.sovereign-cloud'],
    [[900432], 'invalid_request', 'entra.sovereign-cloud'],
    [[500011], 'invalid_resource', 'entra.scope-wrong'],
    [[650057], 'invalid_resource', 'entra.scope-wrong'],
    [[70011], 'invalid_scope', 'entra.scope-wrong'],
    [[1002012], 'invalid_scope', 'entra.scope-wrong'],
    [[65001], 'invalid_grant', 'entra.consent-missing'],
    [[650056], 'invalid_grant', 'entra.consent-missing'],
    [[90094], 'invalid_grant', 'entra.consent-missing'],
    [[53003], 'access_denied', 'entra.conditional-access'],
    [[9001023], 'invalid_request', 'entra.tenant-required'],
    [[90130], 'invalid_request', 'entra.tenant-required'],
  ])('with AADSTS %p (%s) is %s and not repeated', (codes, error, expected) => {
    const fault = classifySignIn({ status: 400, error, codes, traceId: 't' });
    expect(fault).toMatchObject({ code: expected, retry: 'never', facts: { error, aadsts: codes.map(String), traceId: 't' } });
    expect(fault.advice?.length).toBeGreaterThan(20);
  });

  it.each([90055, 90006, 90024, 90033, 50196])('with AADSTS %p passes by itself', (code) => {
    expect(classifySignIn({ status: 400, error: 'invalid_request', codes: [code], traceId: null })).toMatchObject({
      code: 'entra.busy',
      retry: { afterMs: 15_000 },
    });
  });

  it('is passing whenever Entra says so, and waits as long as it asks', () => {
    expect(classifySignIn({ status: 503, error: 'temporarily_unavailable', codes: [], traceId: null, retryAfterMs: 7_000 })).toMatchObject({
      code: 'entra.busy',
      retry: { afterMs: 7_000 },
    });
  });

  it('keeps an unknown number in the facts and goes by the error', () => {
    expect(classifySignIn({ status: 401, error: 'invalid_client', codes: [123456], traceId: null })).toMatchObject({
      code: 'entra.credential-refused',
      facts: { status: 401, aadsts: ['123456'] },
    });
  });
});
