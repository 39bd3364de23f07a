import { Fault } from '@pstream/kernel';

/** Most bytes of a mail. It is decoded as one text; none may have more than 512 Mi characters, and a byte may become two. Exchange Online takes no
 *  message of more than 150 MB. */
export const MAX_MAIL_BYTES = 256_000_000;

/** A Fault 'convert.message-too-large' (never) for a message that cannot be read whole. */
export const tooLarge = (bytes: number, limit: number): Fault =>
  new Fault('convert.message-too-large', {
    retry: 'never',
    facts: { bytes, limit },
    advice: `A message may have ${limit / 1_000_000} MB at most. Leave it out; perhaps the file is none, or no mbox.`,
  });
