import { readFile } from 'node:fs/promises';

/** The name of the account that has a number, where it is that of a person. */
export type AccountNames = (uid: number) => string | undefined;

/** Numbers below are those of services, and the last is nobody's. */
const FIRST_PERSON = 1_000;
const NOBODY = 65_534;

/** By /etc/passwd where there is one; nobody elsewhere. */
export const accountNames = async (): Promise<AccountNames> => {
  const text = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const names = new Map(
    text.split('\n').flatMap((line) => {
      const [name = '', , uid = ''] = line.split(':');
      return /^\d+$/.test(uid) && Number(uid) >= FIRST_PERSON && Number(uid) !== NOBODY ? [[Number(uid), name] as const] : [];
    }),
  );
  return (uid) => names.get(uid);
};
