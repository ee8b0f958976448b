// Common schema: what the options of several calls have in common.

import * as z from 'zod';
import { mapOf } from './check-object.js';
import { isAbortSignal } from './options-copy.js';
import * as values from './values.js';

/** Options by name, as libav knows them. */
export const optionValues = mapOf(values.scalar, 'an object of options');

/** Ends what it is given to. */
export const signal = z.custom<AbortSignal>(isAbortSignal, 'an AbortSignal');
