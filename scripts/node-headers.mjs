// Node's C headers, for the builds of the addon.
import { existsSync } from 'node:fs';
import path from 'node:path';

/**
 * Most installations of Node carry their headers. node-gyp and cmake-js would download them, unless
 * told where they are.
 * @returns {NodeJS.ProcessEnv} To be added to the environment of the build.
 */
export function headersEnvironment() {
  const prefix = path.dirname(path.dirname(process.execPath));
  const hasHeaders = ['node_api.h', 'common.gypi'].every((name) =>
    existsSync(path.join(prefix, 'include/node', name)),
  );
  return hasHeaders && !process.env.npm_config_nodedir ? { npm_config_nodedir: prefix } : {};
}
