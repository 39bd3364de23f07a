import { createHmac } from 'node:crypto';

const VERSION = '2022-11-02';
const DAY_MS = 86_400_000;

/** An account SAS that may read blobs and nothing else until tomorrow, without its `?`. */
export const readOnlySas = (account: string, key: string): string => accountSas(account, key, 'r', 'o');

/** An account SAS until tomorrow with these rights to these kinds of things (`c` containers, `o` blobs), without its `?`. */
export const accountSas = (account: string, key: string, rights: string, kinds: string): string => {
  const fields = {
    sp: rights,
    ss: 'b',
    srt: kinds,
    st: '',
    se: new Date(Date.now() + DAY_MS).toISOString().replace(/\.\d+/, ''),
    sip: '',
    spr: 'https,http',
    sv: VERSION,
    ses: '',
  };
  const text = `${[account, ...Object.values(fields)].join('\n')}\n`;
  const sig = createHmac('sha256', Buffer.from(key, 'base64')).update(text).digest('base64');
  const given = Object.entries(fields).filter(([, value]) => value !== '');
  return new URLSearchParams([...given, ['sig', sig]]).toString();
};
