import { mayGive } from '@pstream/api';
import type { Principal } from '../door/http.js';
import type { TokenView } from './token-store.js';

/** Everybody sees the tokens that they made and the one that they use; whoever manages people sees all of the workgroup that may do no more
 *  than they may. */
export const isSeenBy = (
  { by, agentId, rights, workgroupId }: Pick<Principal, 'by' | 'agentId' | 'rights' | 'workgroupId'>,
  token: Pick<TokenView, 'tokenId' | 'workgroupId' | 'madeBy' | 'agentId' | 'role'>,
): boolean =>
  token.workgroupId === workgroupId &&
  (token.tokenId === by ||
    token.madeBy === by ||
    (((token.agentId !== null && token.agentId === agentId) || rights.includes('people.manage')) && mayGive(rights, token.role)));
