// Plans of options, for tests of what follows from them.
import { Issues } from '../../src/check/issues.js';
import type { NativeBinding } from '../../src/native/native-binding.js';
import type { NativeMediaInfo } from '../../src/native/native-events.js';
import { checkInput } from '../../src/options/option-schema.js';
import { planStream } from '../../src/plan/resolve.js';
import type { StreamPlan } from '../../src/plan/resolve.js';
import { planSource, sourceRequest } from '../../src/plan/resolve-source.js';
import type { GearPlan } from '../../src/gear/stream-gear-plan.js';

/** The plan, or the error that lists what is wrong. */
function orThrow(plan: StreamPlan | undefined, issues: Issues): StreamPlan {
  issues.throwIfAny();
  if (plan === undefined) throw new Error('No plan and no issues');
  return plan;
}

/** What the first frame makes of the plan of a StreamGear. */
export function planOfFrame({ outline, names }: GearPlan, frame: object): StreamPlan {
  const issues = new Issues(names);
  const input = checkInput({ width: 0, height: 0, ...outline?.options.input, ...frame }, issues);
  return orThrow(outline && input && planStream(outline, input, issues), issues);
}

/** What a source makes of the plan of a StreamGear. */
export function planOfMedia(
  { source, names }: GearPlan,
  info: NativeMediaInfo,
  getBinding: () => NativeBinding,
): StreamPlan {
  const issues = new Issues(names);
  return orThrow(source && planSource(source.request, info, issues, getBinding), issues);
}

/** What a source makes of SourceOptions; undefined when there are issues. */
export function planTranscode(
  options: object,
  info: NativeMediaInfo,
  issues: Issues,
  getBinding: () => NativeBinding,
): StreamPlan | undefined {
  const request = sourceRequest(options, issues);
  return request && planSource(request, info, issues, getBinding);
}
