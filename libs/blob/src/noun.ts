/** Which port's words an error is told in. */
export type Noun = 'blob' | 'destination';
