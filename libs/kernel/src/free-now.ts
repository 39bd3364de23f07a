/** Gives memory back at once that has a buffer of its own; what is part of a larger one stays. To the collector large buffers hardly
 *  count, so that it comes late and then looks at everything. Only for whoever alone holds `bytes`: they are empty afterwards. */
export const freeNow = (bytes: Uint8Array): void => {
  const memory = bytes.buffer;
  if (memory instanceof ArrayBuffer && bytes.byteLength === memory.byteLength) memory.transfer(0);
};
