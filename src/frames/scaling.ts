// Scaling: how pictures become smaller.

/**
 * How pictures are scaled; see {@link VideoOptions.scaling}.
 *
 * @category AdaptiveStream
 */
export type Scaling = 'fast' | 'balanced' | 'best';

/** From the softest to the sharpest. */
export const SCALINGS: readonly Scaling[] = ['fast', 'balanced', 'best'];
