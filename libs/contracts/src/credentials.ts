import { streamName, type StreamName } from './envelope.js';
import type { PassRefs } from './projects.js';

/** How one check of Verify Credentials ended. */
export type CheckVerdict = 'pass' | 'warn' | 'fail' | 'skipped';

export type CredentialsEvent =
  | { readonly type: 'CheckPassed'; readonly data: PassRefs & { readonly step: number; readonly name: string; readonly at: string } }
  | {
      readonly type: 'CheckWarned';
      readonly data: PassRefs & {
        readonly step: number;
        readonly name: string;
        readonly code: string;
        readonly advice: string;
        readonly at: string;
      };
    }
  | {
      readonly type: 'CheckFailed';
      readonly data: PassRefs & {
        readonly step: number;
        readonly name: string;
        readonly code: string;
        readonly advice: string;
        readonly at: string;
      };
    }
  | {
      readonly type: 'VerificationFinished';
      readonly data: PassRefs & {
        readonly verdict: 'pass' | 'fail';
        readonly code?: string;
        readonly advice?: string;
        readonly at: string;
      };
    };

export const verificationStream = (passId: string): StreamName<CredentialsEvent> => streamName(`verification:${passId}`);
