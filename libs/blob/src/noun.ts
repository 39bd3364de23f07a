/** In which port's words an error is put. */
export type Noun = 'blob' | 'destination';
