import type { TFunction } from 'i18next';

/** What a kind of notices is called; keys of texts have no dots. */
export const kindName = (t: TFunction, kind: string): string => t(`notice.kind.${kind.replace('.', '-') as 'test'}`);
