// What tests must not depend on: the settings of the shell that starts them. Loaded before all tests; their processes
// inherit what is left.

/** Servers of tests are on loopback, where no proxy reaches them; colours of a terminal are asked for where they matter. */
const UNWANTED = /^((https?|ftp|all|no)_proxy|no_color|force_color|node_disable_colors)$/i;

for (const name of Object.keys(process.env)) {
  if (UNWANTED.test(name)) Reflect.deleteProperty(process.env, name);
}
