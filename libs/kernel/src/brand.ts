declare const brand: unique symbol;

/** A primitive that only its own constructor function may make, so that ids of different kinds cannot be mixed up. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
