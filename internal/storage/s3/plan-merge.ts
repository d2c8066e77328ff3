/** A run of pieces, one after the other. */
export interface Run {
  readonly start: number;
  readonly count: number;
}

/**
 * Which pieces to put together as one, where there are more than `most`: half as many as that. Those of about one size
 * are taken, and of such runs the smallest: to copy what is large for the sake of little, again and again, costs most.
 */
export function planMerge(pieces: readonly { readonly sizeBytes: number }[], most: number): Run | undefined {
  if (pieces.length <= most) return undefined;
  const count = Math.ceil(most / 2);
  let best = { start: 0, gain: -1, sum: 0 };
  for (let start = 0; start + count <= pieces.length; start += 1) {
    const sizes = pieces.slice(start, start + count).map(({ sizeBytes }) => sizeBytes);
    const sum = sizes.reduce((total, size) => total + size, 0);
    const gain = (sum - Math.max(...sizes)) / sum;
    if (gain > best.gain || (gain === best.gain && sum < best.sum)) best = { start, gain, sum };
  }
  return { start: best.start, count };
}
