/** A set of callbacks without arguments. */
export type Listeners = { readonly add: (listener: () => void) => () => void; readonly notify: () => void };

/** Callbacks that are called one after another. A listener must not throw: it is called after the effect, whose caller has
 *  nothing to do with it. */
export const listeners = (): Listeners => {
  const all = new Set<{ readonly listener: () => void }>();
  return {
    add: (listener) => {
      const entry = { listener };
      all.add(entry);
      return () => {
        all.delete(entry);
      };
    },
    notify: () => {
      for (const { listener } of all) listener();
    },
  };
};
