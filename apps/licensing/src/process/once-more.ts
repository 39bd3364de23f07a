type Order = { readonly workgroupId: string; readonly orderId: string };

/** Works on an order in the background. However often it is asked for meanwhile, it is done once more after that: what happened in between is seen, and
 *  nobody can pile work up. */
export const onceMore = (work: (order: Order) => Promise<void>, failed: (error: unknown) => void): ((order: Order) => void) => {
  const running = new Map<string, { again: boolean }>();
  const run = async (order: Order, state: { again: boolean }): Promise<void> => {
    do {
      state.again = false;
      await work(order).catch(failed);
    } while (state.again);
    running.delete(order.orderId);
  };
  return (order) => {
    const known = running.get(order.orderId);
    if (known !== undefined) {
      known.again = true;
      return;
    }
    const state = { again: false };
    running.set(order.orderId, state);
    void run(order, state);
  };
};
