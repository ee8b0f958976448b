// Scaling: how pictures become smaller.

/** From the softest to the sharpest. */
export const SCALINGS = ['fast', 'balanced', 'best'] as const;

/** How pictures are scaled; see {@link VideoOptions.scaling}. */
export type Scaling = (typeof SCALINGS)[number];
