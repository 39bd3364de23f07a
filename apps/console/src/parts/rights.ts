import { useQuery } from '@tanstack/react-query';
import { meQuery } from '../api/queries.js';

/** Rights that pages ask for; the gateway decides again. */
export type Right =
  | 'customers.view'
  | 'exports.view'
  | 'exports.run'
  | 'reports.share'
  | 'content.view'
  | 'content.permit'
  | 'licences.view'
  | 'licences.buy'
  | 'payments.record'
  | 'people.view'
  | 'people.manage'
  | 'audit.view'
  | 'notices.manage'
  | 'workgroup.manage'
  | 'system';

/** Whether whoever is signed in has a right. Until that is known, nobody has any. */
export const useMay = (right: Right): boolean => useQuery(meQuery).data?.rights.includes(right) ?? false;
