/** The only source of chance. Real: `systemRandom`; tests and simulation: a seeded generator. */
export interface Random {
  /** Unpredictable bytes. */
  bytes(count: number): Uint8Array;
  /** A number in [0, 1). For jitter and sampling, not for secrets. */
  unit(): number;
}
